//! Exits that were handed over, as futures to spawn.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::has_reaper;
use super::local_reaper::WeakLocalReaper;
use super::reaper::WeakReaper;
use super::watched::{WatchAnywhere, WatchHere, Watched};
use crate::cancel::outside;
use crate::protocol::exits::Exits;

/// An exit that was handed over: a future for a reaper to spawn. It never panics.
///
/// Dropping it before it is ready loses the exit.
#[must_use = "an exit runs only where this is awaited"]
pub struct Abandoned {
    pub(super) exits: Exits<Watched<WatchAnywhere>>,
    /// The reaper that runs it.
    pub(super) reaper: WeakReaper,
}

/// An exit that was handed over and must stay on its thread: a future for a [`LocalReaper`] to
/// spawn. It never panics.
///
/// Dropping it before it is ready loses the exit.
///
/// [`LocalReaper`]: super::LocalReaper
#[must_use = "an exit runs only where this is awaited"]
pub struct LocalAbandoned {
    pub(super) exits: Exits<Watched<WatchHere>>,
    /// The reaper that runs it.
    pub(super) reaper: WeakLocalReaper,
}

impl Future for Abandoned {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        outside(|| {
            // What the exit drops is for this reaper, where there is no other.
            let none = !has_reaper();
            let entered = none.then(|| self.reaper.upgrade()).flatten();
            let _entered = entered.map(|reaper| reaper.enter());
            self.exits.poll(cx)
        })
    }
}

impl Future for LocalAbandoned {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        outside(|| {
            // What the exit drops is for this reaper, where there is no other.
            let none = !has_reaper();
            let entered = none.then(|| self.reaper.upgrade()).flatten();
            let _entered = entered.map(|reaper| reaper.enter());
            self.exits.poll(cx)
        })
    }
}

impl fmt::Debug for Abandoned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Abandoned").finish_non_exhaustive()
    }
}

impl fmt::Debug for LocalAbandoned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalAbandoned").finish_non_exhaustive()
    }
}

//! Exits that were handed over, as futures to spawn.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::boxed::Box;

use super::pending::Counted;
use crate::cancel::outside;

/// An exit that was handed over: a future for a reaper to spawn. It never panics.
///
/// Dropping it before it is ready loses the exit.
#[must_use = "an exit runs only where this is awaited"]
pub struct Abandoned {
    pub(super) exit: Pin<Box<dyn Future<Output = ()> + Send>>,
    pub(super) _counted: Counted,
}

/// An exit that was handed over and must stay on its thread: a future for a [`LocalReaper`] to
/// spawn. It never panics.
///
/// Dropping it before it is ready loses the exit.
///
/// [`LocalReaper`]: super::LocalReaper
#[must_use = "an exit runs only where this is awaited"]
pub struct LocalAbandoned {
    pub(super) exit: Pin<Box<dyn Future<Output = ()>>>,
    pub(super) _counted: Counted,
}

impl Future for Abandoned {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        outside(|| self.exit.as_mut().poll(cx))
    }
}

impl Future for LocalAbandoned {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        outside(|| self.exit.as_mut().poll(cx))
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

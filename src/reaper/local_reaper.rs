//! A reaper for one thread.

use core::fmt;
use core::future::{Future, IntoFuture};
use std::rc::{Rc, Weak};

use super::abandoned::LocalAbandoned;
use super::join::{Join, JoinUntil};
use super::remaining::Remaining;
use super::watched::{Watch, WatchHere};
use crate::protocol::exits::Exits;
use crate::protocol::handed_over::{Labelled, LocalBoxed};

/// Runs exits on the thread that handed them over, where they need not be `Send`.
///
/// It is for executors that stay on one thread.
///
/// Clones are the same reaper.
#[derive(Clone)]
#[must_use = "a reaper takes nothing until it is installed or entered"]
pub struct LocalReaper {
    spawn: Rc<dyn Fn(LocalAbandoned)>,
    watch: WatchHere,
}

impl LocalReaper {
    /// Creates a reaper that passes each exit to `spawn`, which starts it on this thread.
    ///
    /// `spawn` is called in the midst of a drop, so it must neither block nor panic.
    ///
    /// ```
    /// use forwith::{AsyncExit, Handoff, Outcome, async_with, reaper::LocalReaper};
    /// use futures::{FutureExt, executor::LocalPool, task::LocalSpawnExt};
    /// use std::{cell::Cell, rc::Rc};
    ///
    /// struct Lent(Rc<Cell<bool>>);
    ///
    /// impl AsyncExit for Lent {
    ///     type Error = std::io::Error;
    ///
    ///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
    ///         self.0.set(true); // given back
    ///         Ok(())
    ///     }
    ///
    ///     fn abandon(self, handoff: Handoff<'_>) {
    ///         handoff.run_local(self.exit(Outcome::Cancelled)); // an `Rc` must stay here
    ///     }
    /// }
    ///
    /// let mut pool = LocalPool::new();
    /// let spawner = pool.spawner();
    /// let reaper = LocalReaper::new(move |exit| drop(spawner.spawn_local(exit)));
    /// let _entered = reaper.enter();
    ///
    /// let given_back = Rc::new(Cell::new(false));
    /// let lent = std::future::ready(Ok(Lent(given_back.clone())));
    /// let work = async { async_with!(lent, { std::future::pending::<()>().await }) };
    /// assert!(work.now_or_never().is_none()); // polled once, and dropped
    /// pool.run_until(reaper.join());
    /// assert!(given_back.get());
    /// ```
    pub fn new(spawn: impl Fn(LocalAbandoned) + 'static) -> Self {
        LocalReaper {
            spawn: Rc::new(spawn),
            watch: WatchHere::default(),
        }
    }

    /// Bounds each exit, as [`Reaper::exit_limit`](super::Reaper::exit_limit) does.
    ///
    /// ```
    /// use forwith::{OwnedExit, OwnedOutcome, async_with, reaper::LocalReaper, report::lost_exits};
    /// use forwith_runtime::{Executor, now, sleep, spawn};
    /// use std::time::Duration;
    ///
    /// /// A connection whose server does not answer.
    /// struct Connection;
    ///
    /// impl OwnedExit for Connection {
    ///     type Error = std::io::Error;
    ///
    ///     async fn exit_owned(self, _outcome: OwnedOutcome) -> Result<(), Self::Error> {
    ///         std::future::pending().await
    ///     }
    /// }
    ///
    /// let (second, lost) = (Duration::from_secs(1), lost_exits());
    /// Executor::with_virtual_clock().block_on(async {
    ///     let reaper = LocalReaper::new(|exit| drop(spawn(exit)));
    ///     let reaper = reaper.exit_limit(move || sleep(10 * second));
    ///     let entered = reaper.enter();
    ///     let mut work = Box::pin(async { async_with!(async { Ok(Connection) }, {}) });
    ///     assert!(futures::poll!(&mut work).is_pending());
    ///     drop(work); // and the exit, which has begun
    ///     drop(entered);
    ///     reaper.join().await;
    ///     assert_eq!(now(), 10 * second);
    /// });
    /// assert_eq!(lost_exits(), lost + 1); // and a line on stderr names `Connection`
    /// ```
    ///
    /// # Panics
    ///
    /// A panic of `limit`, or of its future, goes to the hook, and the exit has no limit.
    #[doc(alias("timeout", "deadline"))]
    pub fn exit_limit<P>(mut self, limit: impl Fn() -> P + 'static) -> Self
    where
        P: Future + 'static,
    {
        self.watch.set_limit(limit);
        self
    }

    /// The number of exits that have been taken and have not ended, also those that wait for the
    /// exits further in.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.watch.pending().count()
    }

    /// The exits that have been taken and have not ended, by name.
    #[must_use]
    pub fn remaining(&self) -> Remaining {
        self.watch.pending().remaining()
    }

    /// Waits until all exits that were taken have ended, also those that are taken meanwhile.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when it is dropped.
    pub fn join(&self) -> Join {
        Join::new(self.watch.pending())
    }

    /// Waits for all exits, but no longer than for `stop`, as
    /// [`Reaper::join_until`](super::Reaper::join_until) does.
    ///
    /// # Errors
    ///
    /// The exits that have not ended, by name. They run on.
    ///
    /// # Panics
    ///
    /// When `stop` does.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when it is dropped.
    #[doc(alias("timeout", "join_timeout"))]
    pub fn join_until<S: IntoFuture>(&self, stop: S) -> JoinUntil<S::IntoFuture> {
        JoinUntil::new(self.watch.pending(), stop.into_future())
    }

    pub(super) fn take(&self, exits: Exits<Labelled<LocalBoxed>>) {
        (self.spawn)(LocalAbandoned {
            exits: self.watch.watch(exits),
            reaper: WeakLocalReaper {
                spawn: Rc::downgrade(&self.spawn),
                watch: self.watch.clone(),
            },
        });
    }
}

/// A reaper that may be gone: its exits do not keep it, since it may keep them.
pub(super) struct WeakLocalReaper {
    spawn: Weak<dyn Fn(LocalAbandoned)>,
    watch: WatchHere,
}

impl WeakLocalReaper {
    pub(super) fn upgrade(&self) -> Option<LocalReaper> {
        Some(LocalReaper {
            spawn: self.spawn.upgrade()?,
            watch: self.watch.clone(),
        })
    }
}

impl fmt::Debug for LocalReaper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalReaper")
            .field("remaining", &self.remaining().exits())
            .finish_non_exhaustive()
    }
}

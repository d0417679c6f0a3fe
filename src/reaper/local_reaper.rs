//! A reaper for one thread.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use std::boxed::Box;
use std::rc::Rc;

use super::abandoned::LocalAbandoned;
use super::pending::{Join, Pending};

/// Runs exits on the thread that handed them over, where they need not be `Send`.
///
/// It is for executors that stay on one thread.
///
/// Clones are the same reaper.
#[derive(Clone)]
#[must_use = "a reaper takes nothing until it is installed or entered"]
pub struct LocalReaper {
    spawn: Rc<dyn Fn(LocalAbandoned)>,
    pending: Pending,
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
            pending: Pending::default(),
        }
    }

    /// The number of exits that have been taken and have not ended.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.pending.count()
    }

    /// Waits until all exits that were taken have ended, also those that are taken meanwhile.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when it is dropped.
    pub fn join(&self) -> Join {
        self.pending.join()
    }

    pub(super) fn take(&self, exit: Pin<Box<dyn Future<Output = ()>>>) {
        (self.spawn)(LocalAbandoned {
            exit,
            _counted: self.pending.add(),
        });
    }
}

impl fmt::Debug for LocalReaper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalReaper").finish_non_exhaustive()
    }
}

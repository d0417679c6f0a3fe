//! A reaper for the whole program.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use std::boxed::Box;
use std::sync::Arc;

use super::abandoned::Abandoned;
use super::pending::{Join, Pending};

/// Runs exits that were handed over, on an executor of your choice.
///
/// Clones are the same reaper.
#[derive(Clone)]
#[must_use = "a reaper takes nothing until it is installed or entered"]
pub struct Reaper {
    spawn: Arc<dyn Fn(Abandoned) + Send + Sync>,
    pending: Pending,
}

impl Reaper {
    /// Creates a reaper that passes each exit to `spawn`, which starts it somewhere.
    ///
    /// `spawn` is called in the midst of a drop, so it must neither block nor panic.
    ///
    /// ```
    /// use forwith::reaper::Reaper;
    ///
    /// let reaper = Reaper::new(|exit| {
    ///     std::thread::spawn(|| futures::executor::block_on(exit));
    /// });
    /// assert_eq!(reaper.pending(), 0);
    /// ```
    pub fn new(spawn: impl Fn(Abandoned) + Send + Sync + 'static) -> Self {
        Reaper {
            spawn: Arc::new(spawn),
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
    /// An exit may hang, so bound the wait: `scope(reaper.join(), sleep(…))`. Exits that remain run
    /// on.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when it is dropped.
    pub fn join(&self) -> Join {
        self.pending.join()
    }

    pub(super) fn take(&self, exit: Pin<Box<dyn Future<Output = ()> + Send>>) {
        (self.spawn)(Abandoned {
            exit,
            _counted: self.pending.add(),
        });
    }
}

impl fmt::Debug for Reaper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reaper").finish_non_exhaustive()
    }
}

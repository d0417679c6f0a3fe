//! A reaper for the whole program.

use core::fmt;
use core::future::{Future, IntoFuture};
use std::sync::{Arc, Weak};

use super::abandoned::Abandoned;
use super::join::{Join, JoinUntil};
use super::remaining::Remaining;
use super::watched::{Watch, WatchAnywhere};
use crate::protocol::exits::Exits;
use crate::protocol::handed_over::{Boxed, Labelled};

/// Runs exits that were handed over, on an executor of your choice.
///
/// Clones are the same reaper.
#[derive(Clone)]
#[must_use = "a reaper takes nothing until it is installed or entered"]
pub struct Reaper {
    spawn: Arc<dyn Fn(Abandoned) + Send + Sync>,
    watch: WatchAnywhere,
}

impl Reaper {
    /// Creates a reaper that passes each exit to `spawn`, which starts it somewhere.
    ///
    /// `spawn` is called in the midst of a drop, so it must neither block nor panic. It gets the
    /// exits of one drop as one future.
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
            watch: WatchAnywhere::default(),
        }
    }

    /// Bounds each exit.
    ///
    /// `limit` is called when an exit begins in the reaper, or goes on there. When the future that
    /// it gives is ready and the exit has not ended, the exit is dropped. It is counted
    /// ([`lost_exits`](crate::report::lost_exits)), and the hook is told of it by name, as
    /// [`ExitError::Hung`](crate::report::ExitError::Hung). Then the exits further out run, each
    /// with a limit of its own. Without a limit they wait for as long as the exit hangs.
    ///
    /// Any future is a limit. With the [`cancelled`](crate::CancelToken::cancelled) of a token as
    /// the limit, one call drops what remains at the end of a program.
    ///
    /// Clones of a reaper have its limit, if they are made afterwards.
    ///
    /// ```
    /// use forwith::{OwnedExit, OwnedOutcome, async_with, reaper::Reaper, report::lost_exits};
    /// use std::time::Duration;
    /// use tokio::time::{Instant, sleep, timeout};
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
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let reaper = Reaper::tokio().exit_limit(|| sleep(Duration::from_secs(10)));
    /// let _entered = reaper.enter();
    /// let (begun, lost) = (Instant::now(), lost_exits());
    /// let work = async { async_with!(async { Ok(Connection) }, {}) };
    /// assert!(timeout(Duration::from_secs(1), work).await.is_err()); // drops the exit
    /// reaper.join().await;
    /// assert_eq!(begun.elapsed().as_secs(), 1 + 10);
    /// assert_eq!(lost_exits(), lost + 1); // and a line on stderr names `Connection`
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// A panic of `limit`, or of its future, goes to the hook, and the exit has no limit.
    #[doc(alias("timeout", "deadline"))]
    pub fn exit_limit<P>(mut self, limit: impl Fn() -> P + Send + Sync + 'static) -> Self
    where
        P: Future + Send + 'static,
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
    /// An exit may hang, so bound each ([`exit_limit`](Reaper::exit_limit)), or all of them
    /// ([`join_until`](Reaper::join_until)).
    ///
    /// An exit that joins its own reaper waits for itself. A destructor in the body of an
    /// `async_with!` that is being dropped cannot wait for exits of that drop: they are handed over
    /// when the whole of it is over.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when it is dropped.
    pub fn join(&self) -> Join {
        Join::new(self.watch.pending())
    }

    /// Waits for all exits, as [`join`](Reaper::join) does, but no longer than for `stop`: a timer,
    /// a deadline, a token, or any other future.
    ///
    /// ```
    /// use forwith::{OwnedExit, OwnedOutcome, async_with, reaper::Reaper};
    /// use std::time::Duration;
    /// use tokio::time::{sleep, timeout};
    ///
    /// struct Connection(Duration);
    ///
    /// impl OwnedExit for Connection {
    ///     type Error = std::io::Error;
    ///
    ///     async fn exit_owned(self, _outcome: OwnedOutcome) -> Result<(), Self::Error> {
    ///         Ok(sleep(self.0).await) // say goodbye
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let reaper = Reaper::tokio();
    /// let _entered = reaper.enter();
    /// for seconds in [3, 3600] {
    ///     let connection = Connection(Duration::from_secs(seconds));
    ///     let work = async { async_with!(async { Ok(connection) }, {}) };
    ///     assert!(timeout(Duration::from_secs(1), work).await.is_err()); // drops the exit
    /// }
    /// let remaining = reaper.join_until(sleep(Duration::from_secs(10))).await.unwrap_err();
    /// assert_eq!(remaining.len(), 1);
    /// assert!(remaining.to_string().ends_with("::Connection hangs"));
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The exits that have not ended, by name. They run on, and a runtime that is dropped
    /// afterwards cuts them.
    ///
    /// # Panics
    ///
    /// When `stop` does.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when it is dropped.
    #[doc(alias("timeout", "join_timeout", "shutdown_timeout"))]
    pub fn join_until<S: IntoFuture>(&self, stop: S) -> JoinUntil<S::IntoFuture> {
        JoinUntil::new(self.watch.pending(), stop.into_future())
    }

    pub(super) fn take(&self, exits: Exits<Labelled<Boxed>>) {
        (self.spawn)(Abandoned {
            exits: self.watch.watch(exits),
            reaper: WeakReaper {
                spawn: Arc::downgrade(&self.spawn),
                watch: self.watch.clone(),
            },
        });
    }
}

/// A reaper that may be gone: its exits do not keep it, since it may keep them.
pub(super) struct WeakReaper {
    spawn: Weak<dyn Fn(Abandoned) + Send + Sync>,
    watch: WatchAnywhere,
}

impl WeakReaper {
    pub(super) fn upgrade(&self) -> Option<Reaper> {
        Some(Reaper {
            spawn: self.spawn.upgrade()?,
            watch: self.watch.clone(),
        })
    }
}

impl fmt::Debug for Reaper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reaper")
            .field("remaining", &self.remaining().exits())
            .finish_non_exhaustive()
    }
}

//! Who runs the exits of futures that were dropped outright.
//!
//! When a future is dropped (an aborted task, the loser of a plain `select!`), nothing in it can await anything any more, and its
//! resources are [abandoned](crate::AsyncExit::abandon). A resource that owns all it needs can then [hand its exit
//! over](crate::Handoff::run) to a *reaper*, which runs it elsewhere: a [`Reaper`] for the whole program, or a
//! [`LocalReaper`] for a thread. Exits that one drop abandons run innermost first.
//!
//! It is the second best, after a [`scope`](crate::scope), for the one who dropped the future does not wait. But at the end of the
//! program one can: [`Reaper::join`].
//!
//! ```
//! use forwith::{AsyncExit, Handoff, Outcome, async_with, reaper::Reaper};
//! use std::time::Duration;
//!
//! struct Connection;
//!
//! impl AsyncExit for Connection {
//!     type Error = std::io::Error;
//!
//!     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
//!         tokio::time::sleep(Duration::from_millis(1)).await; // say goodbye
//!         println!("closed");
//!         Ok(())
//!     }
//!
//!     fn abandon(self, handoff: Handoff<'_>) {
//!         handoff.run(self.exit(Outcome::Cancelled));
//!     }
//! }
//!
//! #[tokio::main(flavor = "current_thread", start_paused = true)]
//! async fn main() {
//!     let reaper = Reaper::new(|exit| drop(tokio::spawn(exit)));
//!     reaper.install();
//!
//!     let work = async {
//!         async_with!(async { Ok(Connection) }, { std::future::pending::<()>().await })
//!     };
//!     let late = tokio::time::timeout(Duration::from_millis(1), work).await; // drops `work`
//!     assert!(late.is_err());
//!     reaper.join().await; // the connection is closed by now
//! }
//! ```
//!
//! # What nobody takes
//!
//! An exit that is handed over where there is no reaper, that a reaper drops, or that must stay on its thread where the reaper is
//! not of this thread, is *lost*: it is counted ([`lost_exits`](crate::lost_exits)), and the hook is told
//! ([`set_exit_error_hook`](crate::set_exit_error_hook)). So is a resource that is abandoned and does nothing about it.

mod exit;
pub(crate) mod frames;
mod installed;
#[cfg(all(test, forwith_loom))]
mod loom_models;
mod pending;

use core::any::type_name;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::boxed::Box;
use std::rc::Rc;
use std::sync::Arc;

pub(crate) use exit::Exit;
pub use installed::Guard;
pub(crate) use installed::is_there;
pub use pending::Join;
use pending::{Counted, Pending};

use crate::cancel::outside;
use crate::driver::panic;
use crate::hook::report_panic;
use crate::{AsyncExit, Handoff, trace};

/// Abandons a resource; where a panic is already under way, a second one is reported rather than left to abort the process.
#[cold]
pub(crate) fn abandon<R: AsyncExit>(resource: R) {
    let name = type_name::<R>();
    // The reaper is called at the end of the level, and must find no scope that is cancelled, nor must `abandon`.
    let abandon = || {
        let mut level = frames::Resource::begin();
        trace::abandoned(name);
        resource.abandon(Handoff::new(name, &mut level.handed));
    };
    if !panic::is_under_way() {
        outside(abandon);
    } else if let Err(payload) = panic::catch(|| outside(abandon)) {
        report_panic(name, payload);
    }
}

/// An exit that was handed over: a future for a reaper to spawn. It never panics.
///
/// Dropping it before it is ready loses the exit.
#[must_use = "an exit runs only where this is awaited"]
pub struct Abandoned {
    exit: Pin<Box<dyn Future<Output = ()> + Send>>,
    _counted: Counted,
}

/// The same for the reaper of a thread.
#[must_use = "an exit runs only where this is awaited"]
pub struct LocalAbandoned {
    exit: Pin<Box<dyn Future<Output = ()>>>,
    _counted: Counted,
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
    /// One that passes each exit to `spawn`, which is to start it somewhere: it is called in the midst of a drop, so it must
    /// neither block nor panic.
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

    /// Makes this the reaper of the program, in place of the one before. What that one has taken goes on, and is joined there.
    ///
    /// ```
    /// use forwith::reaper::Reaper;
    ///
    /// let reaper = Reaper::new(|exit| {
    ///     std::thread::spawn(|| futures::executor::block_on(exit));
    /// });
    /// reaper.install();
    /// // … the program …
    /// futures::executor::block_on(reaper.join());
    /// Reaper::uninstall();
    /// assert_eq!(reaper.pending(), 0);
    /// ```
    pub fn install(&self) {
        installed::install(Some(self.clone()));
    }

    /// Leaves the program without a reaper.
    pub fn uninstall() {
        installed::install(None);
    }

    /// Makes this the reaper of the current thread, until the guard is dropped. It comes before that of the program.
    ///
    /// ```
    /// use forwith::{AsyncExit, Handoff, Outcome, async_with, reaper::Reaper};
    /// use futures::FutureExt;
    ///
    /// # struct Connection;
    /// # impl AsyncExit for Connection {
    /// #     type Error = std::io::Error;
    /// #     async fn exit(self, _: Outcome<'_>) -> Result<(), Self::Error> { Ok(()) }
    /// #     fn abandon(self, handoff: Handoff<'_>) { handoff.run(self.exit(Outcome::Cancelled)); }
    /// # }
    /// let reaper = Reaper::new(|exit| {
    ///     std::thread::spawn(|| futures::executor::block_on(exit));
    /// });
    /// let entered = reaper.enter();
    /// let work = async { async_with!(async { Ok(Connection) }, { std::future::pending::<()>().await }) };
    /// assert!(work.now_or_never().is_none()); // polled once, and dropped
    /// drop(entered);
    /// futures::executor::block_on(reaper.join());
    /// assert_eq!(reaper.pending(), 0);
    /// ```
    pub fn enter(&self) -> Guard {
        installed::enter(installed::Entered::Anywhere(self.clone()))
    }

    /// How many exits have been taken and have not ended.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.pending.count()
    }

    /// Waits until all exits that were taken have ended, and those that were taken meanwhile.
    ///
    /// An exit may hang, so put a bound to it: `scope(reaper.join(), sleep(…))`. What is left then goes on.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when it is dropped.
    pub fn join(&self) -> Join {
        self.pending.join()
    }

    fn take(&self, exit: Pin<Box<dyn Future<Output = ()> + Send>>) {
        (self.spawn)(Abandoned {
            exit,
            _counted: self.pending.one_more(),
        });
    }
}

/// Runs exits that were handed over on the thread that handed them over, where they need not be `Send`: for executors that
/// stay on one thread.
///
/// Clones are the same reaper.
#[derive(Clone)]
#[must_use = "a reaper takes nothing until it is installed or entered"]
pub struct LocalReaper {
    spawn: Rc<dyn Fn(LocalAbandoned)>,
    pending: Pending,
}

impl LocalReaper {
    /// One that passes each exit to `spawn`, which is to start it somewhere: it is called in the midst of a drop, so it must
    /// neither block nor panic.
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

    /// Makes this the reaper of the current thread, until the guard is dropped. It comes before that of the program.
    pub fn enter(&self) -> Guard {
        installed::enter(installed::Entered::Here(self.clone()))
    }

    /// How many exits have been taken and have not ended.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.pending.count()
    }

    /// Waits until all exits that were taken have ended, and those that were taken meanwhile.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when it is dropped.
    pub fn join(&self) -> Join {
        self.pending.join()
    }

    fn take(&self, exit: Pin<Box<dyn Future<Output = ()>>>) {
        (self.spawn)(LocalAbandoned {
            exit,
            _counted: self.pending.one_more(),
        });
    }
}

macro_rules! debug {
    ($($type:ident)*) => {$(
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($type)).finish_non_exhaustive()
            }
        }
    )*};
}

debug!(Reaper LocalReaper Abandoned LocalAbandoned);

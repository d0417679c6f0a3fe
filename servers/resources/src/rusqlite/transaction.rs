//! A transaction on a thread of its own.

use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use forwith::{OwnedExit, OwnedOutcome};
use rusqlite::{Error, InterruptHandle, Result, Transaction, ffi};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::off_thread::{OffThread, Reply, answer};

/// How often a call that is to end is interrupted: it may be between two statements.
const INTERRUPT_INTERVAL: Duration = Duration::from_millis(5);

pub(super) type CallIn = Box<dyn FnOnce(&mut Transaction<'_>) + Send>;

/// A transaction, and the connection that it has.
///
/// It is a resource of [`async_with!`](forwith::async_with), from
/// [`transaction`](super::transaction()).
///
/// | the body | the exit |
/// |---|---|
/// | completes | commits, behind the calls in flight |
/// | fails, panics, or is cancelled | interrupts the call in flight, and rolls back |
/// | is dropped | does so in the [reaper](forwith::reaper) |
///
/// Each happens on the thread of the transaction, so it happens also without a reaper, and when the
/// exit's future is dropped. The wait for a rollback is [bounded](super::Begin::rollback_limit).
///
/// # Errors
///
/// Those of [`Transaction::commit`] and [`Transaction::rollback`]. A commit that fails is rolled
/// back, also one that SQLite would let you try again, such as `SQLITE_BUSY`.
///
/// The exit fails, too, if a statement has rolled the transaction back before, such as an
/// `INSERT OR ROLLBACK`.
pub struct HeldTransaction {
    thread: OffThread<CallIn, Error>,
    // Behind the thread, which starts no other call then.
    interrupt: Interrupt,
    limit: Duration,
}

impl HeldTransaction {
    pub(super) fn new(
        thread: OffThread<CallIn, Error>,
        interrupt: Interrupt,
        limit: Duration,
    ) -> Self {
        HeldTransaction {
            thread,
            interrupt,
            limit,
        }
    }

    /// Calls a closure on the thread of the transaction.
    ///
    /// # Errors
    ///
    /// Those of the closure. When a statement of an earlier call has ended the transaction, a call
    /// fails with `SQLITE_ABORT` in place of writing outside of it, as SQLite would.
    ///
    /// # Panics
    ///
    /// A panic of the closure continues here.
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped, a call that was polled once goes on. The next call, and the exit
    /// of a body that completes, wait for its end; what it writes is committed with the rest.
    pub async fn run<T, F>(&self, call: F) -> Result<T>
    where
        F: FnOnce(&mut Transaction<'_>) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let (reply, receiver) = oneshot::channel();
        self.thread.call(Box::new(move |tx| {
            answer(reply, || {
                if tx.is_autocommit() {
                    let message = "a statement has ended the transaction before";
                    return Err(failure(ffi::SQLITE_ABORT_ROLLBACK, message));
                }
                call(tx)
            });
        }));
        Reply(receiver).get().await
    }
}

pub(super) fn failure(code: i32, message: &str) -> Error {
    Error::SqliteFailure(ffi::Error::new(code), Some(message.into()))
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldTransaction {
    type Error = Error;

    async fn exit_owned(self, outcome: OwnedOutcome) -> Result<()> {
        let HeldTransaction {
            thread,
            mut interrupt,
            limit,
        } = self;
        let commits = outcome.is_completed();
        interrupt.is_armed = !commits;
        let mut ended = pin!(thread.end(commits).get());
        if commits {
            return ended.await;
        }
        let rolled_back = async {
            loop {
                interrupt.interrupt();
                if let Ok(ended) = timeout(INTERRUPT_INTERVAL, &mut ended).await {
                    return ended;
                }
            }
        };
        timeout(limit, rolled_back).await.unwrap_or_else(|_| {
            let message = format!("the transaction is not rolled back within {limit:?}");
            Err(failure(ffi::SQLITE_INTERRUPT, &message))
        })
    }
}

/// Whether a call runs. An interrupt behind it would hit the rollback, or the next user.
#[derive(Clone, Default)]
pub(super) struct InCall(Arc<Mutex<bool>>);

impl InCall {
    fn set(&self, runs: bool) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = runs;
    }

    /// Interrupts the call that runs, and says whether there is one.
    fn interrupt(&self, handle: &InterruptHandle) -> bool {
        let runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *runs {
            handle.interrupt(); // the call does not end meanwhile
        }
        *runs
    }

    /// Runs a call, which does not panic.
    pub(super) fn during(&self, call: impl FnOnce()) {
        self.set(true);
        call();
        self.set(false);
    }
}

/// A way to interrupt the call in flight. When it is dropped, it does so until the call has ended.
pub(super) struct Interrupt {
    handle: Arc<InterruptHandle>,
    in_call: InCall,
    is_armed: bool,
}

impl Interrupt {
    pub(super) fn new(handle: InterruptHandle, in_call: InCall) -> Self {
        Interrupt {
            handle: Arc::new(handle),
            in_call,
            is_armed: true,
        }
    }

    fn interrupt(&self) {
        self.in_call.interrupt(&self.handle);
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        if self.is_armed && self.in_call.interrupt(&self.handle) {
            // The call may be between two statements, and nobody awaits it any more. No other one
            // begins behind it.
            let (handle, in_call) = (self.handle.clone(), self.in_call.clone());
            drop(thread::Builder::new().spawn(move || {
                while in_call.interrupt(&handle) {
                    thread::sleep(INTERRUPT_INTERVAL);
                }
            }));
        }
    }
}

impl fmt::Debug for HeldTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldTransaction").finish_non_exhaustive()
    }
}

//! A write transaction on a thread of its own.

use std::fmt;
use std::io;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use forwith::{OwnedExit, OwnedOutcome};
use redb::{Error, WriteTransaction};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::off_thread::{OffThread, Reply, answer};

pub(super) type CallIn = Box<dyn FnOnce(&WriteTransaction) + Send>;

/// A write transaction. It derefs to the [`WriteTransaction`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`write`](super::write()).
///
/// | the body | the exit |
/// |---|---|
/// | completes | commits, behind the calls in flight |
/// | fails, panics, or is cancelled | awaits the call in flight, starts no other, and aborts |
/// | is dropped | does so in the [reaper](forwith::reaper) |
///
/// Each happens on the thread of the transaction, so it happens also without a reaper, and when the
/// exit's future is dropped. The wait for an abort is [bounded](super::BeginWrite::abort_limit).
///
/// Calls through the deref block the executor. They suit a value or two of what is in memory; for
/// more there is [`run`](HeldWrite::run).
///
/// # Errors
///
/// Those of [`WriteTransaction::commit`] and [`WriteTransaction::abort`].
pub struct HeldWrite {
    // In front of the thread, which has the last reference then.
    tx: Arc<WriteTransaction>,
    thread: OffThread<CallIn, Error>,
    limit: Duration,
}

impl HeldWrite {
    pub(super) fn new(
        tx: Arc<WriteTransaction>,
        thread: OffThread<CallIn, Error>,
        limit: Duration,
    ) -> Self {
        HeldWrite { tx, thread, limit }
    }

    /// Calls a closure on the thread of the transaction.
    ///
    /// # Panics
    ///
    /// A panic of the closure continues here.
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped, a call that was polled once goes on. The next call, and the exit
    /// of a body that completes, wait for its end; what it writes is committed with the rest.
    pub async fn run<T, F>(&self, call: F) -> T
    where
        F: FnOnce(&WriteTransaction) -> T + Send + 'static,
        T: Send + 'static,
    {
        let (reply, receiver) = oneshot::channel();
        self.thread
            .call(Box::new(move |tx| answer(reply, || call(tx))));
        Reply(receiver).get().await
    }
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldWrite {
    type Error = Error;

    async fn exit_owned(self, outcome: OwnedOutcome) -> Result<(), Error> {
        let HeldWrite { tx, thread, limit } = self;
        drop(tx);
        let commits = outcome.is_completed();
        let ended = thread.end(commits);
        if commits {
            return ended.get().await;
        }
        timeout(limit, ended.get()).await.unwrap_or_else(|_| {
            let message = format!("the transaction is not aborted within {limit:?}");
            Err(io::Error::new(io::ErrorKind::TimedOut, message).into())
        })
    }
}

impl Deref for HeldWrite {
    type Target = WriteTransaction;

    fn deref(&self) -> &WriteTransaction {
        &self.tx
    }
}

impl fmt::Debug for HeldWrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldWrite").finish_non_exhaustive()
    }
}

//! The enter of a transaction.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use forwith::AsyncEnter;
use forwith::resource::OwnedEnter;
use rusqlite::{Connection, DropBehavior, Error, Result, Transaction, TransactionBehavior, ffi};
use tokio::sync::oneshot;

use super::HeldTransaction;
use super::transaction::{CallIn, InCall, Interrupt, failure};
use crate::off_thread::{Jobs, Reply, UNDO_LIMIT, off_thread, turn};

/// Begins a transaction on a connection.
///
/// The body gets a [`HeldTransaction`].
///
/// The connection is locked until the block has ended. So a body that enters another transaction on
/// it waits for itself, without end.
///
/// # Errors
///
/// Those of [`Connection::transaction_with_behavior`]. If another connection has the lock on the
/// database, that is `SQLITE_BUSY` behind the connection's
/// [timeout](Connection::busy_timeout). A `DEFERRED` transaction, which is the default, sees that
/// only by its first statement.
///
/// # Cancel safety
///
/// It may be cancelled or dropped while it waits, and nothing is lost.
pub fn transaction(conn: &Arc<Mutex<Connection>>) -> Begin {
    Begin {
        conn: conn.clone(),
        behavior: TransactionBehavior::Deferred,
        limit: UNDO_LIMIT,
    }
}

/// An enter of a transaction, from [`transaction`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct Begin {
    conn: Arc<Mutex<Connection>>,
    behavior: TransactionBehavior,
    limit: Duration,
}

impl Begin {
    /// Begins an `IMMEDIATE` or an `EXCLUSIVE` transaction, for example.
    pub fn with(mut self, behavior: TransactionBehavior) -> Self {
        self.behavior = behavior;
        self
    }

    /// Bounds the wait for a rollback; otherwise that is 5 seconds.
    ///
    /// The statement in flight is interrupted, but code between statements is not. When the time is
    /// over, the exit fails with `SQLITE_INTERRUPT`, and the thread rolls back when its call has
    /// ended. Until then nobody else has the connection.
    pub fn rollback_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    async fn begin(self) -> Result<HeldTransaction> {
        let Begin {
            conn,
            behavior,
            limit,
        } = self;
        let turn = turn(&conn).await;
        let (thread, jobs) = off_thread();
        let (reply, begun) = oneshot::channel();
        thread::Builder::new()
            .name("rusqlite transaction".into())
            .spawn(move || {
                let end = serve(&conn, behavior, &jobs, reply);
                drop((conn, turn)); // the next one can begin when the block has ended
                if let Some((ended, reply)) = end {
                    let _ = reply.send(ended);
                }
            })
            .map_err(|error| failure(ffi::SQLITE_NOMEM, &error.to_string()))?;
        let interrupt = Reply(begun).get().await?;
        Ok(HeldTransaction::new(thread, interrupt, limit))
    }
}

type Begun = thread::Result<Result<Interrupt>>;
type Ended = thread::Result<Result<()>>;

/// The whole life of a transaction.
fn serve(
    conn: &Mutex<Connection>,
    behavior: TransactionBehavior,
    jobs: &Jobs<CallIn, Error>,
    reply: oneshot::Sender<Begun>,
) -> Option<(Ended, oneshot::Sender<Ended>)> {
    // Whatever panicked with it, SQLite knows whether a transaction is open.
    let mut conn = conn.lock().unwrap_or_else(PoisonError::into_inner);
    if reply.is_closed() {
        return None;
    }
    let in_call = InCall::default();
    let interrupt = Interrupt::new(conn.get_interrupt_handle(), in_call.clone());
    let mut tx = match conn.transaction_with_behavior(behavior) {
        Ok(tx) => tx,
        Err(error) => {
            drop(reply.send(Ok(Err(error))));
            return None;
        }
    };
    drop(reply.send(Ok(Ok(interrupt)))); // if nobody waits any more, there are no jobs
    let end = jobs.serve(|call| in_call.during(|| call(&mut tx)));
    let commits = matches!(end, Some((true, _)));
    let ended = catch_unwind(AssertUnwindSafe(|| finish(tx, commits)));
    end.map(|(_, reply)| (ended, reply))
}

fn finish(mut tx: Transaction<'_>, commits: bool) -> Result<()> {
    tx.set_drop_behavior(DropBehavior::Rollback); // also behind a commit that fails
    if commits { tx.commit() } else { tx.finish() }
}

#[diagnostic::do_not_recommend]
impl AsyncEnter for Begin {
    type Resource = HeldTransaction;

    fn enter(self) -> impl Future<Output = Result<HeldTransaction>> {
        self.begin()
    }
}

#[diagnostic::do_not_recommend]
impl OwnedEnter for Begin {
    fn enter_owned(self) -> impl Future<Output = Result<HeldTransaction>> + Send + 'static {
        self.begin()
    }
}

impl fmt::Debug for Begin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Begin").finish_non_exhaustive()
    }
}

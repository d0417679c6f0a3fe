//! A connection that goes back to its pool only when nothing is open on it.

use std::fmt::Debug;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::{Client, Error, SimpleQueryMessage};

/// How long an exit waits for a rollback, unless it is told otherwise.
pub(super) const ROLLBACK_LIMIT: Duration = Duration::from_secs(5);

/// A client that can be thrown away: an object of a pool, or a client without one. Nobody else can
/// implement it.
pub trait Conn: Sealed + Send + Sync + Sized + 'static {
    /// The error of the pool.
    type Error: From<Error> + Debug + Send + 'static;

    #[doc(hidden)]
    fn client(&self) -> &Client;

    /// Closes the connection, in place of giving it back.
    #[doc(hidden)]
    fn discard(self);

    /// The error of an exit that takes too long.
    #[doc(hidden)]
    fn timed_out() -> Self::Error;
}

pub trait Sealed {}

/// Finds out whether an error of a block leaves open if its transaction was committed: the server
/// has not answered.
///
/// That is so when the connection broke in the midst of the `COMMIT`. Then ask the server before
/// you do it again, for example for a key that you have written in the transaction. Before the
/// `COMMIT` it is so as well, although nothing was committed.
///
/// A commit that is *cut*, because the [reaper](forwith::reaper) drops it or there is none, has
/// nobody to give an error to. It counts as lost, and the [hook](forwith::report::set_hook) is told
/// of it.
#[must_use]
pub fn is_commit_unknown(error: &Error) -> bool {
    // The server says why it hangs up: classes 08 and 57P. That is no answer.
    error.code().is_none_or(|code| {
        let code = code.code();
        code.starts_with("08") || code.starts_with("57P")
    })
}

/// A connection. When it is dropped it is closed, unless it is known to be clean.
pub struct Held<C: Conn> {
    /// `None` only while this is dropped.
    conn: Option<C>,
    /// The number of transactions and savepoints that were begun here.
    depth: usize,
    is_clean: bool,
    limit: Duration,
}

impl<C: Conn> Held<C> {
    pub(super) fn new(conn: C, limit: Duration) -> Self {
        Held {
            conn: Some(conn),
            depth: 0,
            is_clean: false,
            limit,
        }
    }

    pub(super) fn get(&self) -> &C {
        self.conn.as_ref().expect("held until dropped")
    }

    pub(super) fn get_mut(&mut self) -> &mut C {
        self.conn.as_mut().expect("held until dropped")
    }

    /// Takes the connection out of a pool for good.
    pub(super) fn take(mut self) -> C {
        self.conn.take().expect("held until dropped")
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    async fn run(&self, statement: &str) -> Result<(), C::Error> {
        Ok(self.get().client().batch_execute(statement).await?)
    }

    /// Begins a transaction, or a savepoint in it.
    pub(super) async fn begin(&mut self, statement: Option<&str>) -> Result<(), C::Error> {
        let depth = self.depth;
        match (depth, statement) {
            (0, statement) => self.run(statement.unwrap_or("BEGIN")).await?,
            _ => self.run(&format!("SAVEPOINT forwith_{depth}")).await?,
        }
        self.depth = depth + 1;
        Ok(())
    }

    /// Commits down to this depth.
    pub(super) async fn commit(&mut self, depth: usize) -> Result<(), C::Error> {
        if depth == 0 {
            // The server answers a `COMMIT` of a transaction that has failed with success. It does
            // not come to that behind a question, which fails then.
            self.run("SELECT; COMMIT").await?;
        } else {
            self.run(&format!("RELEASE SAVEPOINT forwith_{depth}"))
                .await?;
        }
        self.depth = depth;
        Ok(())
    }

    /// Rolls back down to this depth, within the time limit.
    pub(super) async fn roll_back(&mut self, depth: usize) -> Result<(), C::Error> {
        let rollback = rollback_to(depth);
        let rolled_back = timeout(self.limit, self.run(&rollback)).await;
        rolled_back.unwrap_or_else(|_| Err(C::timed_out()))?;
        self.depth = depth;
        Ok(())
    }

    /// Queues a rollback down to this depth, in front of the next statement.
    pub(super) fn start_rollback(&mut self, depth: usize) {
        self.depth = depth;
        let rollback = rollback_to(depth);
        // The first poll sends it, to a channel without bounds. Nobody waits for the answer.
        let sent = pin!(self.get().client().batch_execute(&rollback));
        let _ = sent.poll(&mut Context::from_waker(Waker::noop()));
    }

    /// Rolls back whatever is open, also what a statement has begun, within the time limit.
    pub(super) async fn clean(&mut self) -> Result<(), C::Error> {
        let cleaned = async {
            if self.depth > 0 || !self.is_outside().await {
                self.run("ROLLBACK").await?;
            }
            Ok(())
        };
        timeout(self.limit, cleaned)
            .await
            .unwrap_or_else(|_| Err(C::timed_out()))?;
        self.set_clean();
        Ok(())
    }

    /// Whether no transaction is open on the server.
    async fn is_outside(&self) -> bool {
        // Outside of a transaction this statement is one, which begins with it.
        let question = "SELECT now() = statement_timestamp()";
        let answer = self.get().client().simple_query(question).await;
        let is_outside = |message: &SimpleQueryMessage| match message {
            SimpleQueryMessage::Row(row) => row.get(0) == Some("t"),
            _ => false,
        };
        answer.is_ok_and(|messages| messages.iter().any(is_outside))
    }

    pub(super) fn set_clean(&mut self) {
        self.is_clean = true;
        self.depth = 0;
    }
}

fn rollback_to(depth: usize) -> String {
    match depth {
        0 => "ROLLBACK".into(),
        _ => format!("ROLLBACK TO SAVEPOINT forwith_{depth}"),
    }
}

impl<C: Conn> Drop for Held<C> {
    fn drop(&mut self) {
        match self.conn.take() {
            Some(conn) if self.is_clean => drop(conn), // goes back to the pool
            Some(conn) => conn.discard(),
            None => {}
        }
    }
}

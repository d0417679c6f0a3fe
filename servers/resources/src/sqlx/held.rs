//! A connection that goes back to its pool only when it is known to be clean.

use std::future::poll_fn;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Error, Pool};
use sqlx_core::rt;
use sqlx_core::transaction::TransactionManager;

use super::Supported;

/// How long an exit waits for a rollback, unless it is told otherwise.
pub(super) const ROLLBACK_LIMIT: Duration = Duration::from_secs(5);

/// Why a connection cannot be used any more.
const CUT: &str = "this connection cannot be used any more: a `BEGIN`, `SAVEPOINT` or `COPY` on it \
                   was dropped before the server had answered. A scope of forwith awaits it; a \
                   plain timeout drops it";

/// Takes a connection from a pool.
///
/// The future of the pool has more than eight kilobytes. In a box it is not a part of each future
/// around, such as that of a request, which is written and moved as a whole.
pub(super) fn acquire<DB: Supported>(
    pool: &Pool<DB>,
) -> Pin<Box<impl Future<Output = Result<PoolConnection<DB>, Error>> + Send + 'static>> {
    // The memory comes first. Then the future is made in it, and not copied there.
    let place = Box::new_uninit();
    Box::into_pin(Box::write(place, pool.acquire()))
}

/// A connection of a pool. When it is dropped it is closed, unless it is known to be clean.
pub struct Held<DB: Supported> {
    /// `None` only while this is dropped.
    conn: Option<PoolConnection<DB>>,
    is_clean: bool,
    /// Whether a call was dropped of which nobody can know the end. The connection is of no use
    /// any more.
    pub(super) is_cut: bool,
    limit: Duration,
}

impl<DB: Supported> Held<DB> {
    pub(super) fn new(conn: PoolConnection<DB>, limit: Duration) -> Self {
        Held {
            conn: Some(conn),
            is_clean: false,
            is_cut: false,
            limit,
        }
    }

    pub(super) fn get(&self) -> &DB::Connection {
        self.refuse_if_cut();
        self.conn.as_ref().expect("held until dropped")
    }

    pub(super) fn get_mut(&mut self) -> &mut DB::Connection {
        self.refuse_if_cut();
        self.conn.as_mut().expect("held until dropped")
    }

    /// Lends the connection for a call that ends elsewhere, with the mark that it was cut. The mark
    /// is set until the call has ended.
    #[cfg_attr(not(feature = "sqlx-postgres"), expect(dead_code))]
    pub(super) fn borrow_for_call(&mut self) -> (&mut DB::Connection, &mut bool) {
        let conn = self.conn.as_mut().expect("held until dropped");
        self.is_cut = true;
        (conn, &mut self.is_cut)
    }

    #[cfg_attr(not(feature = "sqlx-postgres"), expect(dead_code))]
    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    /// A statement on such a connection might run in a transaction that nobody commits.
    fn refuse_if_cut(&self) {
        assert!(!self.is_cut, "{CUT}");
    }

    /// Fails if a call was cut.
    pub(super) fn expect_whole(&self) -> Result<(), Error> {
        if self.is_cut {
            return Err(Error::Protocol(CUT.into()));
        }
        Ok(())
    }

    /// The number of transactions and savepoints that sqlx knows of.
    pub(super) fn depth(&self) -> usize {
        DB::TransactionManager::get_transaction_depth(self.get())
    }

    /// Begins a transaction, or a savepoint in it.
    pub(super) async fn begin(&mut self, statement: Option<sqlx::SqlStr>) -> Result<(), Error> {
        DB::TransactionManager::begin(self.get_mut(), statement).await
    }

    /// Commits down to this depth.
    pub(super) async fn commit(&mut self, depth: usize) -> Result<(), Error> {
        while self.depth() > depth {
            DB::TransactionManager::commit(self.get_mut()).await?;
        }
        Ok(())
    }

    /// Asks whether the connection is in step and its transaction whole, within the time limit.
    pub(super) async fn check(&mut self) -> Result<(), Error> {
        self.expect_whole()?;
        let limit = self.limit;
        within(limit, DB::check(self.get_mut())).await
    }

    /// Rolls back down to this depth, within the time limit.
    pub(super) async fn roll_back(&mut self, depth: usize) -> Result<(), Error> {
        let limit = self.limit;
        let rolled_back = async {
            while self.depth() > depth {
                DB::TransactionManager::rollback(self.get_mut()).await?;
            }
            if depth == 0 {
                DB::check_outside(self.get_mut()).await
            } else {
                DB::check(self.get_mut()).await
            }
        };
        within(limit, rolled_back).await
    }

    /// Rolls back whatever is open, so that the connection goes back to the pool.
    pub(super) async fn clean(&mut self) -> Result<(), Error> {
        if self.is_cut {
            return Ok(()); // it is closed
        }
        self.roll_back(0).await?;
        self.set_clean();
        Ok(())
    }

    pub(super) fn set_clean(&mut self) {
        self.is_clean = true;
    }

    /// Queues a rollback down to this depth. It is sent before the next statement.
    ///
    /// It is told at least one, since the thread of SQLite expects it behind a commit that was cut.
    pub(super) fn start_rollback(&mut self, depth: usize) {
        if self.is_cut {
            return;
        }
        for _ in depth..self.depth().max(depth + 1) {
            DB::TransactionManager::start_rollback(self.get_mut());
        }
    }
}

/// Bounds a question to the server. A panic is an error: it is what sqlx's driver for MySQL does
/// with an answer to another question.
pub(super) async fn within(
    limit: Duration,
    future: impl Future<Output = Result<(), Error>>,
) -> Result<(), Error> {
    let mut future = pin!(future);
    let contained = poll_fn(|cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)));
        polled.unwrap_or_else(|_| {
            let message = "the connection is out of step: sqlx panicked over its answer";
            Poll::Ready(Err(Error::Protocol(message.into())))
        })
    });
    rt::timeout(limit, contained).await.unwrap_or_else(|_| {
        Err(Error::Io(io::Error::new(
            io::ErrorKind::TimedOut,
            format!("the server has not answered within {limit:?}: the connection is closed"),
        )))
    })
}

impl<DB: Supported> Drop for Held<DB> {
    fn drop(&mut self) {
        let Some(conn) = self.conn.take() else { return };
        if self.is_clean && !self.is_cut {
            drop(conn); // goes back to the pool
        } else {
            // Closes the socket at once, on any thread. The pool may open another one.
            drop(conn.detach());
        }
    }
}

//! A connection that goes back to its pool only when nothing is open on it.

use std::fmt::Debug;
use std::time::Duration;

use diesel::connection::TransactionManagerStatus;
use diesel::pg::Pg;
use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::{
    AsyncConnection, AsyncConnectionCore, SimpleAsyncConnection, TransactionManager,
};
use tokio::time::timeout;

/// How long an exit waits for a rollback, unless it is told otherwise.
pub(super) const ROLLBACK_LIMIT: Duration = Duration::from_secs(5);

/// An object of a pool. Nobody else can implement it.
pub trait Conn: Sealed + Send + Sized + 'static {
    /// Its connection.
    type Connection: AsyncConnection + AsyncConnectionCore<Backend = Pg> + Send + 'static;

    /// The error of the pool.
    type Error: Debug + Send + 'static;

    #[doc(hidden)]
    fn get(&self) -> &Self::Connection;

    #[doc(hidden)]
    fn get_mut(&mut self) -> &mut Self::Connection;

    /// Closes the connection, in place of giving it back.
    #[doc(hidden)]
    fn discard(self);

    #[doc(hidden)]
    fn error(error: Error) -> Self::Error;

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
/// `COMMIT` it is so as well, although nothing was committed. An error that diesel has no kind for
/// counts as unknown, too: it may be the server that says goodbye.
///
/// ```
/// use diesel::result::{DatabaseErrorKind, Error};
/// use forwith_resources::diesel_async::is_commit_unknown;
///
/// let broken = String::from("connection closed");
/// let broken = Error::DatabaseError(DatabaseErrorKind::UnableToSendCommand, Box::new(broken));
/// assert!(is_commit_unknown(&broken));
/// assert!(!is_commit_unknown(&Error::NotFound));
/// ```
#[must_use]
pub fn is_commit_unknown(error: &Error) -> bool {
    use DatabaseErrorKind::{ClosedConnection, UnableToSendCommand, Unknown};

    matches!(
        error,
        Error::DatabaseError(ClosedConnection | UnableToSendCommand | Unknown, _)
    )
}

/// The manager of transactions of a connection.
type ManagerOf<C> = <<C as Conn>::Connection as AsyncConnection>::TransactionManager;

pub(super) fn status<C: Conn>(conn: &mut C) -> &mut TransactionManagerStatus {
    ManagerOf::<C>::transaction_manager_status_mut(conn.get_mut())
}

/// A connection. When it is dropped it is closed, unless it is known to be clean.
pub(super) struct Held<C: Conn> {
    /// `None` only while this is dropped.
    conn: Option<C>,
    is_clean: bool,
    limit: Duration,
}

impl<C: Conn> Held<C> {
    pub(super) fn new(conn: C, limit: Duration) -> Self {
        Held {
            conn: Some(conn),
            is_clean: false,
            limit,
        }
    }

    pub(super) fn get(&self) -> &C::Connection {
        self.conn.as_ref().expect("held until dropped").get()
    }

    pub(super) fn get_mut(&mut self) -> &mut C::Connection {
        self.object().get_mut()
    }

    fn object(&mut self) -> &mut C {
        self.conn.as_mut().expect("held until dropped")
    }

    async fn run(&mut self, statement: &str) -> Result<(), C::Error> {
        self.get_mut()
            .batch_execute(statement)
            .await
            .map_err(C::error)
    }

    pub(super) async fn begin(&mut self) -> Result<(), C::Error> {
        ManagerOf::<C>::begin_transaction(self.get_mut())
            .await
            .map_err(C::error)
    }

    /// Commits the transaction, if no other one is open in it.
    pub(super) async fn commit(&mut self) -> Result<(), C::Error> {
        let depth = status(self.object())
            .transaction_depth()
            .map_err(C::error)?;
        if depth.map(u32::from) != Some(1) {
            return Err(C::error(Error::BrokenTransactionManager));
        }
        // The server answers a `COMMIT` of a transaction that has failed with success.
        self.run("SELECT").await?;
        ManagerOf::<C>::commit_transaction(self.get_mut())
            .await
            .map_err(C::error)
    }

    /// Rolls back whatever is open, also what a statement has begun, within the time limit.
    pub(super) async fn clean(&mut self) -> Result<(), C::Error> {
        let limit = self.limit;
        let cleaned = async {
            // Outside of a transaction that is nothing. Inside it ends it, unless that has failed.
            if self.run("BEGIN; ROLLBACK").await.is_err() {
                self.run("ROLLBACK").await?;
            }
            Ok(())
        };
        timeout(limit, cleaned)
            .await
            .unwrap_or_else(|_| Err(C::timed_out()))?;
        *status(self.object()) = TransactionManagerStatus::default();
        self.set_clean();
        Ok(())
    }

    pub(super) fn set_clean(&mut self) {
        self.is_clean = true;
    }
}

impl<C: Conn> Drop for Held<C> {
    fn drop(&mut self) {
        match self.conn.take() {
            Some(conn) if self.is_clean => drop(conn), // goes back to the pool
            Some(mut conn) => {
                status(&mut conn).set_in_error();
                conn.discard();
            }
            None => {}
        }
    }
}

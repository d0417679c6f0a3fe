//! Requests that take effect together.

use std::collections::BTreeMap;

use forwith::{AsyncExit, Handoff, Outcome};

use super::server::{Data, Ticket};
use super::{Connection, Ending, Error, Event, Fault};

/// A transaction on a [`Connection`], which it borrows. It sees its own changes; others see them
/// when it is committed.
///
/// Its exit commits after a body that has completed, and rolls back after any other. If it is
/// dropped without an exit, the server rolls it back and logs that it was abandoned.
///
/// ```
/// use forwith::async_with;
/// use forwith_runtime::mock::{Database, Error, Fault, Latency};
///
/// async fn store(database: &Database) -> Result<(), Error> {
///     async_with!(database.connect("mock://db.somedomain.net") as db, {
///         async_with!(db.begin() as transaction, {
///             transaction.set_key("cat", "meow").await?;
///             transaction.set_key("dog", "woof").await?;
///         })?;
///     })
/// }
///
/// let database = Database::new().with_latency(Latency::None);
/// database.inject(Fault::FailRequest(3)); // the second `set_key`
/// assert_eq!(
///     forwith_runtime::block_on(store(&database)),
///     Err(Error::Request("set_key dog".into()))
/// );
/// assert!(database.contents().is_empty()); // rolled back
/// ```
///
/// # Cancel safety
///
/// A request that is dropped before it is ready has not reached the server.
#[derive(Debug)]
#[must_use = "a transaction must be exited"]
pub struct Transaction<'a> {
    connection: &'a mut Connection,
    /// The values to store under these keys; `None` deletes the key.
    changes: BTreeMap<String, Option<String>>,
    ticket: Ticket,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(connection: &'a mut Connection, ticket: Ticket) -> Self {
        Transaction {
            connection,
            changes: BTreeMap::new(),
            ticket,
        }
    }

    /// Stores a value under a key, once the transaction is committed.
    ///
    /// ```
    /// use forwith::AsyncEnter;
    /// use forwith_runtime::mock::{Database, Latency};
    ///
    /// let database = Database::new().with_latency(Latency::None);
    /// forwith_runtime::block_on(async {
    ///     let mut db = database.connect("mock://db.somedomain.net").enter().await.unwrap();
    ///     let mut transaction = db.begin().await.unwrap();
    ///     transaction.set_key("cat", "meow").await.unwrap();
    ///     assert!(database.contents().is_empty());
    /// });
    /// ```
    ///
    /// # Errors
    ///
    /// Fails when the server fails the request.
    ///
    /// # Cancel safety
    ///
    /// If this is dropped before it is ready, the request has not reached the server.
    pub async fn set_key(&mut self, key: &str, value: &str) -> Result<(), Error> {
        self.request(format!("set_key {key}"), |_| ()).await?;
        self.changes.insert(key.to_owned(), Some(value.to_owned()));
        Ok(())
    }

    /// Returns the value that is stored under a key, as this transaction sees it.
    ///
    /// ```
    /// use forwith::AsyncEnter;
    /// use forwith_runtime::mock::{Database, Latency};
    ///
    /// let database = Database::new().with_latency(Latency::None);
    /// forwith_runtime::block_on(async {
    ///     let mut db = database.connect("mock://db.somedomain.net").enter().await.unwrap();
    ///     let mut transaction = db.begin().await.unwrap();
    ///     transaction.set_key("cat", "meow").await.unwrap();
    ///     assert_eq!(transaction.get_key("cat").await.unwrap().as_deref(), Some("meow"));
    /// });
    /// ```
    ///
    /// # Errors
    ///
    /// Fails when the server fails the request.
    ///
    /// # Cancel safety
    ///
    /// If this is dropped before it is ready, the request has not reached the server.
    pub async fn get_key(&self, key: &str) -> Result<Option<String>, Error> {
        let stored = self
            .request(format!("get_key {key}"), |data| data.get(key).cloned())
            .await?;
        Ok(self.changes.get(key).cloned().unwrap_or(stored))
    }

    /// Deletes a key, once the transaction is committed.
    ///
    /// ```
    /// use forwith::AsyncEnter;
    /// use forwith_runtime::mock::{Database, Latency};
    ///
    /// let database = Database::new().with_latency(Latency::None);
    /// forwith_runtime::block_on(async {
    ///     let mut db = database.connect("mock://db.somedomain.net").enter().await.unwrap();
    ///     db.set_key("cat", "meow").await.unwrap();
    ///     let mut transaction = db.begin().await.unwrap();
    ///     transaction.delete_key("cat").await.unwrap();
    ///     assert_eq!(transaction.get_key("cat").await, Ok(None));
    ///     assert_eq!(database.contents().len(), 1);
    /// });
    /// ```
    ///
    /// # Errors
    ///
    /// Fails when the server fails the request.
    ///
    /// # Cancel safety
    ///
    /// If this is dropped before it is ready, the request has not reached the server.
    pub async fn delete_key(&mut self, key: &str) -> Result<(), Error> {
        self.request(format!("delete_key {key}"), |_| ()).await?;
        self.changes.insert(key.to_owned(), None);
        Ok(())
    }

    async fn request<R>(
        &self,
        what: String,
        work: impl FnOnce(&mut Data) -> R,
    ) -> Result<R, Error> {
        self.connection.client.request(what, work).await
    }

    fn commit(self) -> Result<(), Error> {
        if self.take_fault(Fault::FailCommit, "commit") {
            self.ticket.end(Ending::RolledBack)?;
            return Err(Error::Commit);
        }
        self.ticket.commit(self.changes)
    }

    fn roll_back(self) -> Result<(), Error> {
        if self.take_fault(Fault::FailRollback, "rollback") {
            return Err(Error::Rollback);
        }
        self.ticket.end(Ending::RolledBack)
    }

    /// Takes this fault, and tells whether it was injected. Logs it as `what`.
    fn take_fault(&self, fault: Fault, what: &str) -> bool {
        let strikes = self.ticket.server.take_fault(fault);
        if strikes {
            self.ticket
                .server
                .record(self.ticket.connection, Event::Failed(what.to_owned()));
        }
        strikes
    }
}

impl AsyncExit for Transaction<'_> {
    type Error = Error;

    /// Commits after [`Outcome::Completed`], and rolls back after any other outcome.
    ///
    /// # Errors
    ///
    /// Fails when the server cannot commit, and has rolled back, or when it does not confirm a
    /// rollback.
    ///
    /// # Cancel safety
    ///
    /// If this is dropped before it is ready, the transaction is abandoned, and has no effect.
    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Error> {
        self.ticket.server.panic_in_exit();
        let what = if outcome.is_completed() {
            "commit"
        } else {
            "rollback"
        };
        self.connection.client.latency.round_trip(what).await;
        if outcome.is_completed() {
            self.commit()
        } else {
            self.roll_back()
        }
    }

    /// Tells the server at once, which rolls back.
    fn abandon(self, _: Handoff<'_>) {
        drop(self);
    }
}

//! Requests to the database.

use std::sync::Arc;

use super::server::{Data, Server};
use super::{Error, Latency};

/// A handle to a [`Connection`](super::Connection) that borrows nothing, for spawned tasks.
///
/// ```
/// use forwith::{AsyncEnter, AsyncExit, Outcome};
/// use forwith_runtime::mock::{Database, Error};
/// use forwith_runtime::{Executor, spawn};
///
/// let database = Database::new();
/// Executor::with_virtual_clock().block_on(async {
///     let db = database.connect("mock://db.somedomain.net").enter().await.unwrap();
///     let client = db.client();
///     spawn(async move { client.set_key("cat", "meow").await }).await.unwrap().unwrap();
///
///     let late = db.client();
///     db.exit(Outcome::Completed).await.unwrap();
///     assert_eq!(late.get_key("cat").await, Err(Error::Closed));
/// });
/// ```
///
/// # Cancel safety
///
/// A request that is dropped before it is ready has not reached the server.
#[derive(Clone, Debug)]
pub struct Client {
    pub(super) server: Arc<Server>,
    pub(super) connection: u32,
    pub(super) latency: Latency,
}

impl Client {
    /// Stores a value under a key.
    ///
    /// ```
    /// use forwith::AsyncEnter;
    /// use forwith_runtime::mock::{Database, Latency};
    ///
    /// let database = Database::new().with_latency(Latency::None);
    /// forwith_runtime::block_on(async {
    ///     let db = database.connect("mock://db.somedomain.net").enter().await.unwrap();
    ///     db.client().set_key("cat", "meow").await.unwrap();
    ///     assert_eq!(database.contents().len(), 1);
    /// });
    /// ```
    ///
    /// # Errors
    ///
    /// Fails when the connection is closed, or when the server fails the request.
    ///
    /// # Cancel safety
    ///
    /// If this is dropped before it is ready, the request has not reached the server.
    pub async fn set_key(&self, key: &str, value: &str) -> Result<(), Error> {
        let insert = |data: &mut Data| data.insert(key.to_owned(), value.to_owned());
        self.request(format!("set_key {key}"), insert).await?;
        Ok(())
    }

    /// Returns the value that is stored under a key.
    ///
    /// ```
    /// use forwith::AsyncEnter;
    /// use forwith_runtime::mock::{Database, Latency};
    ///
    /// let database = Database::new().with_latency(Latency::None);
    /// forwith_runtime::block_on(async {
    ///     let db = database.connect("mock://db.somedomain.net").enter().await.unwrap();
    ///     assert_eq!(db.client().get_key("cat").await, Ok(None));
    /// });
    /// ```
    ///
    /// # Errors
    ///
    /// Fails when the connection is closed, or when the server fails the request.
    ///
    /// # Cancel safety
    ///
    /// If this is dropped before it is ready, the request has not reached the server.
    pub async fn get_key(&self, key: &str) -> Result<Option<String>, Error> {
        self.request(format!("get_key {key}"), |data| data.get(key).cloned())
            .await
    }

    /// Deletes a key and returns the value that was stored under it.
    ///
    /// ```
    /// use forwith::AsyncEnter;
    /// use forwith_runtime::mock::{Database, Latency};
    ///
    /// let database = Database::new().with_latency(Latency::None);
    /// forwith_runtime::block_on(async {
    ///     let db = database.connect("mock://db.somedomain.net").enter().await.unwrap();
    ///     db.set_key("cat", "meow").await.unwrap();
    ///     assert_eq!(db.client().delete_key("cat").await, Ok(Some("meow".into())));
    /// });
    /// ```
    ///
    /// # Errors
    ///
    /// Fails when the connection is closed, or when the server fails the request.
    ///
    /// # Cancel safety
    ///
    /// If this is dropped before it is ready, the request has not reached the server.
    pub async fn delete_key(&self, key: &str) -> Result<Option<String>, Error> {
        self.request(format!("delete_key {key}"), |data| data.remove(key))
            .await
    }

    /// Counts the pairs that are stored.
    ///
    /// ```
    /// use forwith::AsyncEnter;
    /// use forwith_runtime::mock::{Database, Latency};
    ///
    /// let database = Database::new().with_latency(Latency::None);
    /// forwith_runtime::block_on(async {
    ///     let db = database.connect("mock://db.somedomain.net").enter().await.unwrap();
    ///     assert_eq!(db.client().len().await, Ok(0));
    /// });
    /// ```
    ///
    /// # Errors
    ///
    /// Fails when the connection is closed, or when the server fails the request.
    ///
    /// # Cancel safety
    ///
    /// If this is dropped before it is ready, the request has not reached the server.
    pub async fn len(&self) -> Result<usize, Error> {
        self.request("len".to_owned(), |data| data.len()).await
    }

    /// Checks whether nothing is stored.
    ///
    /// ```
    /// use forwith::AsyncEnter;
    /// use forwith_runtime::mock::{Database, Latency};
    ///
    /// let database = Database::new().with_latency(Latency::None);
    /// forwith_runtime::block_on(async {
    ///     let db = database.connect("mock://db.somedomain.net").enter().await.unwrap();
    ///     assert_eq!(db.client().is_empty().await, Ok(true));
    /// });
    /// ```
    ///
    /// # Errors
    ///
    /// Fails when the connection is closed, or when the server fails the request.
    ///
    /// # Cancel safety
    ///
    /// If this is dropped before it is ready, the request has not reached the server.
    pub async fn is_empty(&self) -> Result<bool, Error> {
        self.request("is_empty".to_owned(), |data| data.is_empty())
            .await
    }

    /// Makes a round trip, at the end of which the server does the work.
    pub(super) async fn request<R>(
        &self,
        what: String,
        work: impl FnOnce(&mut Data) -> R,
    ) -> Result<R, Error> {
        self.latency.round_trip(what.clone()).await;
        self.server.request(self.connection, what, work)
    }
}

//! The pretend database.

use std::sync::Arc;
use std::time::Duration;

use super::server::Server;
use super::{Audit, Connect, Entry, Fault, Latency};

/// A pretend database server. Clones are handles to the same server.
///
/// ```
/// use forwith::async_with;
/// use forwith_runtime::mock::Database;
/// use forwith_runtime::{Executor, now};
/// use std::time::Duration;
///
/// let database = Database::new();
/// Executor::with_virtual_clock().block_on(async {
///     let inside = async_with!(database.connect("mock://db.somedomain.net"), { now() });
///     assert_eq!(inside, Ok(Duration::from_millis(300)));
///     assert_eq!(now(), Duration::from_millis(500));
/// });
/// database.audit().unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Database {
    pub(super) server: Arc<Server>,
    pub(super) latencies: Latencies,
    pub(super) page_size: usize,
}

/// The latency of each kind of round trip.
#[derive(Clone, Copy, Debug)]
pub(super) struct Latencies {
    pub(super) handshake: Latency,
    pub(super) request: Latency,
    pub(super) teardown: Latency,
}

impl Database {
    /// Creates a server that stores nothing.
    ///
    /// The handshake takes 0.3 seconds in two round trips, a request 0.05 seconds, the goodbye 0.2
    /// seconds. On another executor, which has no clock of this crate, set another
    /// [latency](Database::with_latency).
    ///
    /// ```
    /// assert!(forwith_runtime::mock::Database::new().contents().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Database {
            server: Arc::default(),
            latencies: Latencies {
                handshake: Latency::Time(Duration::from_millis(150)),
                request: Latency::Time(Duration::from_millis(50)),
                teardown: Latency::Time(Duration::from_millis(200)),
            },
            page_size: 10,
        }
    }

    /// Sets the latency of every round trip, for connections made by this handle.
    ///
    /// ```
    /// use forwith::AsyncEnter;
    /// use forwith_runtime::mock::{Database, Latency};
    ///
    /// let database = Database::new().with_latency(Latency::None);
    /// let db = futures::executor::block_on(database.connect("mock://db.somedomain.net").enter());
    /// assert!(db.is_ok());
    /// ```
    #[must_use]
    pub fn with_latency(mut self, latency: Latency) -> Self {
        self.latencies = Latencies {
            handshake: latency,
            request: latency,
            teardown: latency,
        };
        self
    }

    /// Sets the latency of each of the two round trips of a handshake.
    ///
    /// ```
    /// use forwith::AsyncEnter;
    /// use forwith_runtime::mock::{Database, Latency};
    /// use forwith_runtime::{Executor, now};
    /// use std::time::Duration;
    ///
    /// let second = Duration::from_secs(1);
    /// let database = Database::new().with_handshake_latency(Latency::Time(second));
    /// Executor::with_virtual_clock().block_on(async {
    ///     let _db = database.connect("mock://db.somedomain.net").enter().await.unwrap();
    ///     assert_eq!(now(), 2 * second);
    /// });
    /// ```
    #[must_use]
    pub fn with_handshake_latency(mut self, latency: Latency) -> Self {
        self.latencies.handshake = latency;
        self
    }

    /// Sets the latency of each request and page.
    ///
    /// ```
    /// use forwith::AsyncEnter;
    /// use forwith_runtime::mock::{Database, Latency};
    /// use forwith_runtime::{Executor, now};
    /// use std::time::Duration;
    ///
    /// let database = Database::new().with_request_latency(Latency::None);
    /// Executor::with_virtual_clock().block_on(async {
    ///     let db = database.connect("mock://db.somedomain.net").enter().await.unwrap();
    ///     db.set_key("cat", "meow").await.unwrap();
    ///     assert_eq!(now(), Duration::from_millis(300)); // the handshake alone
    /// });
    /// ```
    #[must_use]
    pub fn with_request_latency(mut self, latency: Latency) -> Self {
        self.latencies.request = latency;
        self
    }

    /// Sets the latency of the goodbye.
    ///
    /// ```
    /// use forwith::{AsyncEnter, AsyncExit, Outcome};
    /// use forwith_runtime::mock::{Database, Latency};
    /// use forwith_runtime::{Executor, now};
    /// use std::time::Duration;
    ///
    /// let database = Database::new().with_teardown_latency(Latency::None);
    /// Executor::with_virtual_clock().block_on(async {
    ///     let db = database.connect("mock://db.somedomain.net").enter().await.unwrap();
    ///     db.exit(Outcome::Completed).await.unwrap();
    ///     assert_eq!(now(), Duration::from_millis(300)); // the handshake alone
    /// });
    /// ```
    #[must_use]
    pub fn with_teardown_latency(mut self, latency: Latency) -> Self {
        self.latencies.teardown = latency;
        self
    }

    /// Sets how many pairs a page of [`Connection::items`](super::Connection::items) has.
    ///
    /// ```
    /// use forwith::{async_for, async_with};
    /// use forwith_runtime::block_on;
    /// use forwith_runtime::mock::{Database, Error, Latency};
    ///
    /// let database = Database::new().with_latency(Latency::None).with_page_size(1);
    /// let visit: Result<(), Error> = block_on(async {
    ///     async_with!(database.connect("mock://db.somedomain.net") as db, {
    ///         db.set_key("cat", "meow").await?;
    ///         db.set_key("dog", "woof").await?;
    ///         async_for!(for pair in db.items() {
    ///             pair?;
    ///         });
    ///     })
    /// });
    /// assert_eq!(visit, Ok(()));
    /// assert!(database.log().iter().any(|entry| entry.to_string().contains("fetched page 2")));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `pairs` is zero.
    #[must_use]
    pub fn with_page_size(mut self, pairs: usize) -> Self {
        assert!(pairs > 0, "a page must have room for one pair at least");
        self.page_size = pairs;
        self
    }

    /// Returns a connection to enter.
    ///
    /// ```
    /// use forwith::AsyncEnter;
    /// use forwith_runtime::block_on;
    /// use forwith_runtime::mock::Database;
    ///
    /// let error = block_on(Database::new().connect("mock://").enter()).unwrap_err();
    /// assert!(error.to_string().contains("a host must follow `mock://`"));
    /// ```
    pub fn connect(&self, url: impl Into<String>) -> Connect {
        Connect::new(self.clone(), url.into())
    }

    /// Makes one thing go wrong, once.
    ///
    /// ```
    /// use forwith::AsyncEnter;
    /// use forwith_runtime::mock::{Database, Error, Fault, Latency};
    ///
    /// let database = Database::new().with_latency(Latency::None);
    /// database.inject(Fault::RefuseConnect);
    /// let connect = database.connect("mock://db.somedomain.net");
    /// let refused = forwith_runtime::block_on(connect.enter());
    /// assert_eq!(refused.unwrap_err(), Error::Refused);
    /// ```
    pub fn inject(&self, fault: Fault) {
        self.server.inject(fault);
    }

    /// Returns the committed pairs, sorted by key, without a connection.
    ///
    /// ```
    /// use forwith::AsyncEnter;
    /// use forwith_runtime::mock::{Database, Latency};
    ///
    /// let database = Database::new().with_latency(Latency::None);
    /// forwith_runtime::block_on(async {
    ///     let db = database.connect("mock://db.somedomain.net").enter().await.unwrap();
    ///     db.set_key("cat", "meow").await.unwrap();
    /// });
    /// assert_eq!(database.contents(), [("cat".to_owned(), "meow".to_owned())]);
    /// ```
    #[must_use]
    pub fn contents(&self) -> Vec<(String, String)> {
        self.server.data().into_iter().collect()
    }

    /// Returns everything that has reached the server.
    ///
    /// ```
    /// assert!(forwith_runtime::mock::Database::new().log().is_empty());
    /// ```
    #[must_use]
    pub fn log(&self) -> Vec<Entry> {
        self.server.log()
    }

    /// Checks the log: everything that was opened was ended once.
    ///
    /// ```
    /// assert_eq!(forwith_runtime::mock::Database::new().audit(), Ok(()));
    /// ```
    ///
    /// # Errors
    ///
    /// Returns all findings, if something is open still or was ended twice.
    pub fn audit(&self) -> Result<(), Audit> {
        self.server.audit()
    }
}

impl Default for Database {
    fn default() -> Self {
        Database::new()
    }
}

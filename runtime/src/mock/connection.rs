//! A connection to the pretend database: a handshake enters it, a goodbye exits it.

use std::sync::Arc;

use forwith::{AsyncEnter, AsyncExit, Handoff, Outcome};

use super::server::{Server, Ticket};
use super::{Client, Database, Ending, Error, Event, Fault, RemoteContainer, Transaction, host_of};

/// A connection to enter, made by [`Database::connect`].
///
/// ```
/// use forwith::AsyncEnter;
/// use forwith_runtime::Executor;
/// use forwith_runtime::mock::{Database, Error};
///
/// let connect = Database::new().connect("https://db.somedomain.net");
/// let error = Executor::with_virtual_clock().block_on(connect.enter()).unwrap_err();
/// assert!(matches!(error, Error::Url { problem: "it must begin with `mock://`", .. }));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a connection is made when it is entered"]
pub struct Connect {
    database: Database,
    url: String,
}

impl Connect {
    pub(super) fn new(database: Database, url: String) -> Self {
        Connect { database, url }
    }
}

impl AsyncEnter for Connect {
    type Resource = Connection;

    /// Connects, in two round trips.
    ///
    /// # Errors
    ///
    /// Fails when the URL is wrong, or when the server refuses the connection.
    ///
    /// # Cancel safety
    ///
    /// If this is dropped before it is ready, the server logs that the handshake was cut, and
    /// nothing is open.
    async fn enter(self) -> Result<Connection, Error> {
        host_of(&self.url)?;
        let latency = self.database.latencies.handshake;
        let handshake = Handshake::begin(self.database);
        latency.round_trip("connecting").await;
        let handshake = handshake.accepted()?;
        latency.round_trip("handshake").await;
        Ok(handshake.done())
    }
}

/// A handshake in progress. The server notices when it is dropped.
struct Handshake {
    number: u32,
    /// `None` once the server knows how the handshake ended.
    database: Option<Database>,
}

impl Handshake {
    fn begin(database: Database) -> Self {
        Handshake {
            number: database.server.next_connection(),
            database: Some(database),
        }
    }

    /// Takes the handshake through its first round trip, unless the server refuses.
    fn accepted(mut self) -> Result<Self, Error> {
        let server = self.database.as_ref().map(|database| &database.server);
        if let Some(server) = server.filter(|server| server.take_fault(Fault::RefuseConnect)) {
            server.record(Some(self.number), Event::Refused);
            self.database = None;
            return Err(Error::Refused);
        }
        Ok(self)
    }

    fn done(mut self) -> Connection {
        let database = self.database.take();
        Connection::open(database.expect("a handshake is done once"), self.number)
    }
}

impl Drop for Handshake {
    fn drop(&mut self) {
        if let Some(database) = &self.database {
            database
                .server
                .record(Some(self.number), Event::HandshakeCut);
        }
    }
}

/// A connection to a [`Database`], open until it is exited.
///
/// If it is dropped without an exit, the server logs that it was abandoned. A dropped `async_with!`
/// hands the exit to the [reaper](forwith::reaper), if there is one. Every executor of this crate
/// is one.
///
/// ```
/// use forwith::async_with;
/// use forwith_runtime::Executor;
/// use forwith_runtime::mock::{Database, Error};
///
/// async fn sound_of_a_cat(database: &Database) -> Result<Option<String>, Error> {
///     async_with!(database.connect("mock://db.somedomain.net") as db, {
///         db.set_key("cat", "meow").await?;
///         db.get_key("cat").await?
///     })
/// }
///
/// let database = Database::new();
/// let sound = Executor::with_virtual_clock().block_on(sound_of_a_cat(&database));
/// assert_eq!(sound, Ok(Some("meow".into())));
/// database.audit().unwrap();
/// ```
///
/// # Cancel safety
///
/// A request that is dropped before it is ready has not reached the server.
#[derive(Debug)]
#[must_use = "a connection must be exited"]
pub struct Connection {
    pub(super) client: Client,
    database: Database,
    ticket: Ticket,
}

impl Connection {
    fn open(database: Database, number: u32) -> Self {
        Connection {
            client: Client {
                server: database.server.clone(),
                connection: number,
                latency: database.latencies.request,
            },
            ticket: Ticket::connection(database.server.clone(), number),
            database,
        }
    }

    fn server(&self) -> &Arc<Server> {
        &self.database.server
    }

    /// Returns a handle that borrows nothing, for spawned tasks.
    ///
    /// ```
    /// use forwith::AsyncEnter;
    /// use forwith_runtime::mock::{Client, Database, Latency};
    ///
    /// let database = Database::new().with_latency(Latency::None);
    /// forwith_runtime::block_on(async {
    ///     let db = database.connect("mock://db.somedomain.net").enter().await.unwrap();
    ///     let client: Client = db.client();
    ///     assert_eq!(client.len().await, Ok(0));
    /// });
    /// ```
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Stores a value under a key.
    ///
    /// ```
    /// use forwith::AsyncEnter;
    /// use forwith_runtime::mock::{Database, Latency};
    ///
    /// let database = Database::new().with_latency(Latency::None);
    /// forwith_runtime::block_on(async {
    ///     let db = database.connect("mock://db.somedomain.net").enter().await.unwrap();
    ///     db.set_key("cat", "meow").await.unwrap();
    ///     assert_eq!(db.len().await, Ok(1));
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
    pub async fn set_key(&self, key: &str, value: &str) -> Result<(), Error> {
        self.client.set_key(key, value).await
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
    ///     assert_eq!(db.get_key("cat").await, Ok(None));
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
        self.client.get_key(key).await
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
    ///     assert_eq!(db.delete_key("cat").await, Ok(None));
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
    pub async fn delete_key(&self, key: &str) -> Result<Option<String>, Error> {
        self.client.delete_key(key).await
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
    ///     assert_eq!(db.len().await, Ok(0));
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
    pub async fn len(&self) -> Result<usize, Error> {
        self.client.len().await
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
    ///     assert_eq!(db.is_empty().await, Ok(true));
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
    pub async fn is_empty(&self) -> Result<bool, Error> {
        self.client.is_empty().await
    }

    /// Begins a transaction. Its requests take effect together, or not at all.
    ///
    /// ```
    /// use forwith::async_with;
    /// use forwith_runtime::mock::{Database, Error, Latency};
    ///
    /// async fn store(database: &Database) -> Result<(), Error> {
    ///     async_with!(database.connect("mock://db.somedomain.net") as db, {
    ///         async_with!(db.begin() as transaction, {
    ///             transaction.set_key("cat", "meow").await?;
    ///             assert!(database.contents().is_empty());
    ///         })?;
    ///         assert_eq!(database.contents().len(), 1);
    ///     })
    /// }
    ///
    /// let database = Database::new().with_latency(Latency::None);
    /// assert_eq!(forwith_runtime::block_on(store(&database)), Ok(()));
    /// ```
    ///
    /// # Errors
    ///
    /// Fails when the server fails the request.
    ///
    /// # Cancel safety
    ///
    /// If this is dropped before it is ready, no transaction has begun.
    pub async fn begin(&mut self) -> Result<Transaction<'_>, Error> {
        self.client.request("begin".to_owned(), |_| ()).await?;
        let ticket = Ticket::transaction(self.server().clone(), self.client.connection)?;
        Ok(Transaction::new(self, ticket))
    }

    /// Returns the pairs that are stored now, sorted by key, as a container that is fetched page by
    /// page.
    ///
    /// ```
    /// use forwith::{AsyncEnter, async_for};
    /// use forwith_runtime::mock::{Database, Latency};
    ///
    /// let database = Database::new().with_latency(Latency::None);
    /// forwith_runtime::block_on(async {
    ///     let db = database.connect("mock://db.somedomain.net").enter().await.unwrap();
    ///     db.set_key("dog", "woof").await.unwrap();
    ///     db.set_key("cat", "meow").await.unwrap();
    ///     let mut keys = Vec::new();
    ///     async_for!(for pair in db.items() {
    ///         let (key, _) = pair.unwrap();
    ///         keys.push(key);
    ///     });
    ///     assert_eq!(keys, ["cat", "dog"]);
    /// });
    /// ```
    #[must_use]
    pub fn items(&self) -> RemoteContainer<(String, String)> {
        let pairs = self.server().data();
        RemoteContainer::on(self.server().clone(), self.client.connection, pairs)
            .with_latency(self.client.latency)
            .with_page_size(self.database.page_size)
    }
}

impl AsyncExit for Connection {
    type Error = Error;

    /// Says goodbye and closes the connection, whatever the outcome.
    ///
    /// # Errors
    ///
    /// Fails when the server does not answer. The connection is then logged as abandoned.
    ///
    /// # Cancel safety
    ///
    /// If this is dropped before it is ready, the connection is abandoned.
    async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Error> {
        self.server().panic_in_exit();
        self.database.latencies.teardown.round_trip("goodbye").await;
        if self.server().take_fault(Fault::FailTeardown) {
            let number = self.client.connection;
            self.server()
                .record(Some(number), Event::Failed("goodbye".to_owned()));
            return Err(Error::Teardown);
        }
        self.ticket.end(Ending::Closed)
    }

    /// Hands the goodbye to the [reaper](forwith::reaper), if there is one. Otherwise the server is
    /// told at once that the connection was abandoned.
    fn abandon(self, handoff: Handoff<'_>) {
        if handoff.has_reaper() {
            handoff.run(self.exit(Outcome::Cancelled));
        } else {
            drop(self);
        }
    }
}

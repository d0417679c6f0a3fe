//! A container that lives on a server, and is fetched page by page.

use std::sync::Arc;
use std::time::Duration;

use forwith::{AsyncEnter, IntoStream};

use super::latency::RoundTrip;
use super::server::{Server, Ticket};
use super::{Audit, Cursor, Entry, Error, Items, Latency, Resource};

/// A container on a pretend server. Looping over it opens a cursor, fetches page after page, and
/// closes the cursor behind the last one.
///
/// Any page may fail, so its items are results. A loop that breaks abandons the cursor. To close it
/// as well, enter a [`cursor`](RemoteContainer::cursor) around the loop.
///
/// ```
/// use forwith::async_for;
/// use forwith_runtime::mock::RemoteContainer;
/// use forwith_runtime::{Executor, now};
/// use std::time::Duration;
///
/// let animals = RemoteContainer::new(["cat", "dog", "eel"]).with_page_size(2);
/// Executor::with_virtual_clock().block_on(async {
///     let mut seen = Vec::new();
///     async_for!(for animal in &animals {
///         seen.push(animal.unwrap());
///     });
///     assert_eq!(seen, ["cat", "dog", "eel"]);
///     assert_eq!(now(), Duration::from_millis(200)); // open, two pages, close
/// });
/// ```
#[derive(Debug)]
pub struct RemoteContainer<T> {
    pub(super) items: Arc<[T]>,
    pub(super) latency: Latency,
    pub(super) page_size: usize,
    failing_page: Option<u32>,
    server: Arc<Server>,
    connection: Option<u32>,
}

impl<T> RemoteContainer<T> {
    /// Creates a container of these items, on a server of its own. A round trip takes 0.05 seconds,
    /// and a page has 10 items.
    ///
    /// ```
    /// use forwith_runtime::mock::RemoteContainer;
    ///
    /// assert!(RemoteContainer::new(["cat", "dog"]).log().is_empty());
    /// ```
    pub fn new(items: impl IntoIterator<Item = T>) -> Self {
        RemoteContainer {
            items: items.into_iter().collect(),
            latency: Latency::Time(Duration::from_millis(50)),
            page_size: 10,
            failing_page: None,
            server: Arc::default(),
            connection: None,
        }
    }

    /// Creates a container of these items, on a connection.
    pub(super) fn on(
        server: Arc<Server>,
        connection: u32,
        items: impl IntoIterator<Item = T>,
    ) -> Self {
        RemoteContainer {
            server,
            connection: Some(connection),
            ..RemoteContainer::new(items)
        }
    }

    /// Sets the latency of each round trip.
    ///
    /// ```
    /// use forwith::IntoStream;
    /// use forwith_runtime::mock::{Latency, RemoteContainer};
    /// use futures::StreamExt;
    ///
    /// let animals = RemoteContainer::new(["cat", "dog"]).with_latency(Latency::Yields(3));
    /// let count = futures::executor::block_on(animals.into_stream().count()); // any executor
    /// assert_eq!(count, 2);
    /// ```
    #[must_use]
    pub fn with_latency(mut self, latency: Latency) -> Self {
        self.latency = latency;
        self
    }

    /// Sets how many items a page has.
    ///
    /// ```
    /// use forwith::IntoStream;
    /// use forwith_runtime::Executor;
    /// use forwith_runtime::mock::{Latency, RemoteContainer};
    /// use futures::StreamExt;
    ///
    /// let animals = RemoteContainer::new(["cat", "dog"]).with_page_size(1);
    /// let animals = animals.with_latency(Latency::None);
    /// Executor::with_virtual_clock().block_on((&animals).into_stream().count());
    /// assert_eq!(animals.log()[2].to_string().trim_start(), "0.000s  cursor 1 fetched page 2");
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `items` is zero.
    #[must_use]
    pub fn with_page_size(mut self, items: usize) -> Self {
        assert!(items > 0, "a page must have room for one item at least");
        self.page_size = items;
        self
    }

    /// Makes a page, counted from 1, fail every time.
    ///
    /// ```
    /// use forwith::IntoStream;
    /// use forwith_runtime::block_on;
    /// use forwith_runtime::mock::{Error, Latency, RemoteContainer};
    /// use futures::StreamExt;
    ///
    /// let animals = RemoteContainer::new(["cat", "dog"]).with_page_size(1).failing_at_page(2);
    /// let seen = block_on(animals.with_latency(Latency::None).into_stream().collect::<Vec<_>>());
    /// assert_eq!(seen, [Ok("cat"), Err(Error::Page(2))]);
    /// ```
    #[must_use]
    pub fn failing_at_page(mut self, page: u32) -> Self {
        self.failing_page = Some(page);
        self
    }

    /// Returns a cursor to enter: a stream that is closed by its exit, whatever ends the loop.
    ///
    /// ```
    /// use forwith::{async_for, async_with};
    /// use forwith_runtime::block_on;
    /// use forwith_runtime::mock::{Ending, Error, Event, Latency, RemoteContainer, Resource};
    ///
    /// type Animals = RemoteContainer<&'static str>;
    ///
    /// async fn first(animals: &Animals) -> Result<Option<&'static str>, Error> {
    ///     async_with!(animals.cursor() as cursor, {
    ///         async_for!(for animal in cursor {
    ///             break animal?;
    ///         })
    ///     })
    /// }
    ///
    /// let animals = RemoteContainer::new(["cat", "dog"]).with_latency(Latency::None);
    /// assert_eq!(block_on(first(&animals)), Ok(Some("cat")));
    /// let last = animals.log().pop().unwrap();
    /// assert_eq!(last.event, Event::Ended(Resource::Cursor(1), Ending::Closed));
    /// ```
    pub fn cursor(&self) -> OpenCursor<T> {
        OpenCursor {
            container: self.clone(),
        }
    }

    /// Returns everything that has reached the server. A container of a database shares its server.
    ///
    /// ```
    /// use forwith::IntoStream;
    /// use forwith_runtime::mock::{Latency, RemoteContainer};
    /// use futures::StreamExt;
    ///
    /// let animals = RemoteContainer::new(["cat"]).with_latency(Latency::None);
    /// futures::executor::block_on((&animals).into_stream().count());
    /// let log: Vec<_> = animals.log().iter().map(ToString::to_string).collect();
    /// assert_eq!(log, ["cursor 1 opened", "cursor 1 fetched page 1", "cursor 1 closed"]);
    /// ```
    #[must_use]
    pub fn log(&self) -> Vec<Entry> {
        self.server.log()
    }

    /// Checks the log: everything that was opened was ended once. A container of a database shares
    /// its server.
    ///
    /// ```
    /// use forwith_runtime::mock::RemoteContainer;
    ///
    /// assert_eq!(RemoteContainer::new([1, 2, 3]).audit(), Ok(()));
    /// ```
    ///
    /// # Errors
    ///
    /// Returns all findings, if something is open still or was ended twice.
    pub fn audit(&self) -> Result<(), Audit> {
        self.server.audit()
    }

    /// Returns the round trip that opens a cursor.
    pub(super) fn opening(&self) -> RoundTrip {
        self.latency.round_trip("opening a cursor")
    }

    /// Opens a cursor. Called at the end of [`opening`](Self::opening).
    pub(super) fn open_cursor(&self) -> Result<Cursor<T>, Error> {
        let ticket = Ticket::cursor(self.server.clone(), self.connection)?;
        Ok(Cursor::new(self.clone(), ticket))
    }

    /// Asks the server for a page.
    pub(super) fn fetch(&self, cursor: Resource, page: u32) -> Result<(), Error> {
        let fails = self.failing_page == Some(page);
        self.server.fetch(self.connection, cursor, page, fails)
    }
}

/// Clones the handle: the container and its server are shared, and no item is cloned.
impl<T> Clone for RemoteContainer<T> {
    fn clone(&self) -> Self {
        RemoteContainer {
            items: self.items.clone(),
            latency: self.latency,
            page_size: self.page_size,
            failing_page: self.failing_page,
            server: self.server.clone(),
            connection: self.connection,
        }
    }
}

impl<T: Clone> IntoStream for RemoteContainer<T> {
    type Item = Result<T, Error>;
    type IntoStream = Items<T>;

    fn into_stream(self) -> Items<T> {
        Items::new(self)
    }
}

impl<T: Clone> IntoStream for &RemoteContainer<T> {
    type Item = Result<T, Error>;
    type IntoStream = Items<T>;

    fn into_stream(self) -> Items<T> {
        Items::new(self.clone())
    }
}

/// A cursor to enter, made by [`RemoteContainer::cursor`].
///
/// ```
/// use forwith::{AsyncEnter, AsyncExit, Outcome};
/// use forwith_runtime::mock::{Latency, RemoteContainer};
///
/// let animals = RemoteContainer::new(["cat", "dog"]).with_latency(Latency::None);
/// let open = animals.cursor();
/// forwith_runtime::block_on(async {
///     let cursor = open.enter().await.unwrap();
///     cursor.exit(Outcome::Completed).await.unwrap();
/// });
/// ```
#[derive(Clone, Debug)]
#[must_use = "a cursor is opened when it is entered"]
pub struct OpenCursor<T> {
    container: RemoteContainer<T>,
}

impl<T> AsyncEnter for OpenCursor<T> {
    type Resource = Cursor<T>;

    /// Opens the cursor, in one round trip.
    ///
    /// # Errors
    ///
    /// Fails when the container's connection is closed.
    ///
    /// # Cancel safety
    ///
    /// If this is dropped before it is ready, no cursor has been opened.
    async fn enter(self) -> Result<Cursor<T>, Error> {
        self.container.opening().await;
        self.container.open_cursor()
    }
}

//! A position in a container, kept on the server.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use forwith::{AsyncExit, Handoff, Outcome};
use futures_core::Stream;

use super::latency::RoundTrip;
use super::server::Ticket;
use super::{Ending, Error, RemoteContainer};

/// A cursor on a [`RemoteContainer`]: a stream of its items, open until it is exited.
///
/// A page that fails ends the stream. If the cursor is dropped without an exit, the server logs it
/// as abandoned.
///
/// ```
/// use forwith::{async_for, async_with};
/// use forwith_runtime::block_on;
/// use forwith_runtime::mock::{Error, Latency, RemoteContainer};
///
/// async fn behind_the_cat(animals: &RemoteContainer<&'static str>) -> Result<usize, Error> {
///     async_with!(animals.cursor() as cursor, {
///         async_for!(for animal in &mut *cursor {
///             if animal? == "cat" {
///                 break;
///             }
///         });
///         let mut remaining = 0;
///         async_for!(for animal in cursor { // continues behind the cat
///             animal?;
///             remaining += 1;
///         });
///         remaining
///     })
/// }
///
/// let animals = RemoteContainer::new(["ape", "cat", "dog", "eel"]).with_latency(Latency::None);
/// assert_eq!(block_on(behind_the_cat(&animals)), Ok(2));
/// animals.audit().unwrap();
/// ```
///
/// # Cancel safety
///
/// Dropping a future that waits for the next item loses no item.
#[derive(Debug)]
#[must_use = "a cursor must be exited"]
pub struct Cursor<T> {
    container: RemoteContainer<T>,
    ticket: Ticket,
    /// The number of items that were returned.
    returned: usize,
    /// The number of items that were fetched.
    fetched: usize,
    /// The number of pages that were fetched.
    pages: u32,
    /// The page that is on its way.
    fetching: Option<RoundTrip>,
    /// Whether no page remains, or one has failed.
    at_end: bool,
}

impl<T> Cursor<T> {
    pub(super) fn new(container: RemoteContainer<T>, ticket: Ticket) -> Self {
        Cursor {
            container,
            ticket,
            returned: 0,
            fetched: 0,
            pages: 0,
            fetching: None,
            at_end: false,
        }
    }

    /// Waits for the next page.
    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let page = self.pages + 1;
        let latency = self.container.latency;
        let start = || latency.round_trip(format!("fetching page {page}"));
        ready!(Pin::new(self.fetching.get_or_insert_with(start)).poll(cx));
        self.fetching = None;
        Poll::Ready(self.receive(page))
    }

    fn receive(&mut self, page: u32) -> Result<(), Error> {
        let fetched = self.container.fetch(self.ticket.resource, page);
        if fetched.is_ok() {
            let all = self.container.items.len();
            self.pages = page;
            self.fetched = all.min(self.fetched.saturating_add(self.container.page_size));
            self.at_end = self.fetched == all;
        } else {
            self.at_end = true;
        }
        fetched
    }

    /// Returns the round trip that closes the cursor.
    pub(super) fn closing(&self) -> RoundTrip {
        self.container.latency.round_trip("closing the cursor")
    }

    /// Closes the cursor. Called at the end of [`closing`](Self::closing).
    pub(super) fn close(self) -> Result<(), Error> {
        self.ticket.end(Ending::Closed)
    }
}

impl<T: Clone> Stream for Cursor<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        while self.returned == self.fetched {
            if self.at_end {
                return Poll::Ready(None);
            }
            if let Err(error) = ready!(self.poll_page(cx)) {
                return Poll::Ready(Some(Err(error)));
            }
        }
        let item = self.container.items[self.returned].clone();
        self.returned += 1;
        Poll::Ready(Some(Ok(item)))
    }
}

impl<T> AsyncExit for Cursor<T> {
    type Error = Error;

    /// Closes the cursor, whatever the outcome.
    ///
    /// # Errors
    ///
    /// Fails when its connection was closed first.
    ///
    /// # Cancel safety
    ///
    /// If this is dropped before it is ready, the cursor is abandoned.
    async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Error> {
        self.ticket.server.panic_in_exit();
        self.closing().await;
        self.close()
    }

    /// Tells the server at once.
    fn abandon(self, _: Handoff<'_>) {
        drop(self);
    }
}

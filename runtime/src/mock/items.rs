//! The stream of a loop over a container.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use forwith_timeline::{self as timeline, EventKind};
use futures_core::Stream;

use super::latency::RoundTrip;
use super::{Cursor, Error, RemoteContainer};

/// A stream of all items of a [`RemoteContainer`]. Its first poll opens a cursor, and its end
/// closes the cursor.
///
/// If it is dropped before its end, it abandons the cursor.
///
/// ```
/// use forwith::IntoStream;
/// use forwith_runtime::block_on;
/// use forwith_runtime::mock::{Latency, RemoteContainer};
/// use futures::StreamExt;
///
/// let animals = RemoteContainer::new(["cat", "dog"]).with_latency(Latency::None);
/// let first = block_on(async { animals.into_stream().next().await });
/// assert_eq!(first, Some(Ok("cat")));
/// ```
///
/// # Cancel safety
///
/// Dropping a future that waits for the next item loses no item.
#[derive(Debug)]
#[must_use = "streams do nothing unless they are polled"]
pub struct Items<T> {
    stage: Stage<T>,
}

#[derive(Debug)]
enum Stage<T> {
    Opening(RemoteContainer<T>, RoundTrip),
    Open(Cursor<T>),
    Closing(Cursor<T>, RoundTrip),
    Done,
}

impl<T> Items<T> {
    pub(super) fn new(container: RemoteContainer<T>) -> Self {
        let opening = container.opening();
        Items {
            stage: Stage::Opening(container, opening),
        }
    }
}

/// The cursor is entered without `async_with!`, so `forwith` does not tell timelines of its end.
impl<T> Drop for Items<T> {
    fn drop(&mut self) {
        if let Stage::Open(_) | Stage::Closing(..) = self.stage {
            timeline::record(|| EventKind::Abandoned("Cursor".into()));
        }
    }
}

impl<T: Clone> Stream for Items<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let item = match &mut self.stage {
                Stage::Opening(_, trip) | Stage::Closing(_, trip) => {
                    ready!(Pin::new(trip).poll(cx));
                    None
                }
                Stage::Open(cursor) => ready!(Pin::new(cursor).poll_next(cx)),
                Stage::Done => return Poll::Ready(None),
            };
            if item.is_some() {
                return Poll::Ready(item);
            }
            if let Err(error) = self.advance() {
                return Poll::Ready(Some(Err(error)));
            }
        }
    }
}

impl<T> Items<T> {
    /// Begins the next stage, when this one has ended.
    fn advance(&mut self) -> Result<(), Error> {
        self.stage = match mem::replace(&mut self.stage, Stage::Done) {
            Stage::Opening(container, _) => Stage::Open(container.open_cursor()?),
            Stage::Open(cursor) => {
                let closing = cursor.closing();
                Stage::Closing(cursor, closing)
            }
            Stage::Closing(cursor, _) => {
                cursor.close()?;
                Stage::Done
            }
            Stage::Done => Stage::Done,
        };
        Ok(())
    }
}

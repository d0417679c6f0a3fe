//! What of tokio is looped over: each type that has a method for the next of something.

#[cfg(any(feature = "tokio-fs", feature = "tokio-io-util", feature = "tokio-net"))]
use std::io;
#[cfg(feature = "tokio-io-util")]
use std::{string::String, vec::Vec};

use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, Interval};

use crate::Source;

/// Gives each message. Ends when the channel is closed, by the receiver or because every sender is
/// gone, and is empty.
///
/// # Cancel safety
///
/// Loses no message: `recv` is cancel safe.
impl<T> Source for mpsc::Receiver<T> {
    type Item<'a>
        = T
    where
        Self: 'a;

    #[inline]
    async fn next(&mut self) -> Option<T> {
        self.recv().await
    }
}

/// Gives each message. Ends when the channel is closed, by the receiver or because every sender is
/// gone, and is empty.
///
/// # Cancel safety
///
/// Loses no message: `recv` is cancel safe.
impl<T> Source for mpsc::UnboundedReceiver<T> {
    type Item<'a>
        = T
    where
        Self: 'a;

    #[inline]
    async fn next(&mut self) -> Option<T> {
        self.recv().await
    }
}

/// Gives each message, and [`Lagged`](broadcast::error::RecvError::Lagged) with the number of
/// messages that have been dropped before this receiver came to them. The loop goes on behind that,
/// with the oldest message that is still there. A `?` ends it.
///
/// Ends when every sender is gone and the messages have been given, so
/// [`Closed`](broadcast::error::RecvError::Closed) is never an item.
///
/// # Cancel safety
///
/// Loses no message: `recv` is cancel safe.
impl<T: Clone> Source for broadcast::Receiver<T> {
    type Item<'a>
        = Result<T, broadcast::error::RecvError>
    where
        Self: 'a;

    #[inline]
    async fn next(&mut self) -> Option<Result<T, broadcast::error::RecvError>> {
        match self.recv().await {
            Err(broadcast::error::RecvError::Closed) => None,
            message => Some(message),
        }
    }
}

/// Gives a clone of the newest value that this receiver has not seen yet: of several that are sent
/// in a row, the last one. To begin with the value that is there, call `mark_changed()` before
/// the loop.
///
/// Ends when every sender is gone and the last value has been given.
///
/// The body holds no lock of the channel.
///
/// # Cancel safety
///
/// A value that is not given is not marked as seen: `changed` is cancel safe.
impl<T: Clone> Source for watch::Receiver<T> {
    type Item<'a>
        = T
    where
        Self: 'a;

    #[inline]
    async fn next(&mut self) -> Option<T> {
        self.changed().await.ok()?;
        Some(self.borrow_and_update().clone())
    }
}

/// Gives what each task gave, as they end, and a [`JoinError`] of one that panicked or was aborted.
/// Ends when no task is in the set.
///
/// Loop over `&mut set` to keep it: a set that is dropped aborts its tasks. A
/// [`TaskGroup`](crate::on_tokio::TaskGroup) awaits them.
///
/// # Cancel safety
///
/// Loses no result: `join_next` is cancel safe.
impl<T: 'static> Source for JoinSet<T> {
    type Item<'a> = Result<T, JoinError>;

    #[inline]
    async fn next(&mut self) -> Option<Result<T, JoinError>> {
        self.join_next().await
    }
}

/// Gives the time of each tick, the first at once. Never ends.
///
/// # Cancel safety
///
/// Loses no tick: `tick` is cancel safe.
impl Source for Interval {
    type Item<'a> = Instant;

    #[inline]
    async fn next(&mut self) -> Option<Instant> {
        Some(self.tick().await)
    }
}

/// Gives each line, without its end, or the error of reading it. Ends at the end of the reader.
///
/// An error does not end the loop, and a reader that is broken gives one after the other: end the
/// loop by a `?`. A line that is no UTF-8 is an error, too, and the next line follows.
///
/// # Cancel safety
///
/// Loses nothing: what has been read of a line stays in the `Lines`.
#[cfg(feature = "tokio-io-util")]
impl<R: tokio::io::AsyncBufRead + Unpin> Source for tokio::io::Lines<R> {
    type Item<'a>
        = io::Result<String>
    where
        Self: 'a;

    #[inline]
    async fn next(&mut self) -> Option<io::Result<String>> {
        self.next_line().await.transpose()
    }
}

/// Gives each segment, without the byte that it ends with, or the error of reading it. Ends at the
/// end of the reader.
///
/// An error does not end the loop, and a reader that is broken gives one after the other: end the
/// loop by a `?`.
///
/// # Cancel safety
///
/// Loses nothing: what has been read of a segment stays in the `Split`.
#[cfg(feature = "tokio-io-util")]
impl<R: tokio::io::AsyncBufRead + Unpin> Source for tokio::io::Split<R> {
    type Item<'a>
        = io::Result<Vec<u8>>
    where
        Self: 'a;

    #[inline]
    async fn next(&mut self) -> Option<io::Result<Vec<u8>>> {
        self.next_segment().await.transpose()
    }
}

/// Gives each entry of a folder, in the order of the operating system, or the error of reading it.
/// Ends behind the last entry.
///
/// # Cancel safety
///
/// Loses no entry: `next_entry` is cancel safe.
#[cfg(feature = "tokio-fs")]
impl Source for tokio::fs::ReadDir {
    type Item<'a> = io::Result<tokio::fs::DirEntry>;

    #[inline]
    async fn next(&mut self) -> Option<io::Result<tokio::fs::DirEntry>> {
        self.next_entry().await.transpose()
    }
}

/// Gives each connection and its address, or the error of accepting it. Never ends: an `#[until]`
/// ends the loop, or a `break`.
///
/// Some errors concern one connection, such as one that is gone already. Others stay for a while,
/// such as too many open files: sleep before you go on, or the loop asks over and over.
///
/// # Cancel safety
///
/// Loses no connection: `accept` is cancel safe.
#[cfg(feature = "tokio-net")]
impl Source for tokio::net::TcpListener {
    type Item<'a> = io::Result<(tokio::net::TcpStream, std::net::SocketAddr)>;

    #[inline]
    async fn next(&mut self) -> Option<io::Result<(tokio::net::TcpStream, std::net::SocketAddr)>> {
        Some(self.accept().await)
    }
}

/// Gives what the listener gives, so that several tasks may accept.
#[cfg(feature = "tokio-net")]
impl Source for &tokio::net::TcpListener {
    type Item<'a>
        = io::Result<(tokio::net::TcpStream, std::net::SocketAddr)>
    where
        Self: 'a;

    #[inline]
    async fn next(&mut self) -> Option<io::Result<(tokio::net::TcpStream, std::net::SocketAddr)>> {
        Some(self.accept().await)
    }
}

/// Gives each connection and its address, or the error of accepting it. Never ends: an `#[until]`
/// ends the loop, or a `break`.
///
/// Some errors stay for a while, such as too many open files: sleep before you go on, or the loop
/// asks over and over.
///
/// # Cancel safety
///
/// Loses no connection: `accept` is cancel safe.
#[cfg(all(feature = "tokio-net", unix))]
impl Source for tokio::net::UnixListener {
    type Item<'a> = io::Result<(tokio::net::UnixStream, tokio::net::unix::SocketAddr)>;

    #[inline]
    async fn next(
        &mut self,
    ) -> Option<io::Result<(tokio::net::UnixStream, tokio::net::unix::SocketAddr)>> {
        Some(self.accept().await)
    }
}

/// Gives what the listener gives, so that several tasks may accept.
#[cfg(all(feature = "tokio-net", unix))]
impl Source for &tokio::net::UnixListener {
    type Item<'a>
        = io::Result<(tokio::net::UnixStream, tokio::net::unix::SocketAddr)>
    where
        Self: 'a;

    #[inline]
    async fn next(
        &mut self,
    ) -> Option<io::Result<(tokio::net::UnixStream, tokio::net::unix::SocketAddr)>> {
        Some(self.accept().await)
    }
}

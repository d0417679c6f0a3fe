//! A writer that makes the parts of an upload.

use std::fmt;
use std::future::{Ready, poll_fn, ready};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use object_store::ObjectStore;
use object_store::buffered::BufWriter;
use object_store::path::Path;
use tokio::io::AsyncWrite;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::{ABORT_LIMIT, timed_out};

/// Writes an object through a buffer: by one request if it is small, and in parts otherwise.
///
/// The body gets a [`Buffered`], which is an [`AsyncWrite`].
///
/// # Errors
///
/// The enter does nothing yet, and does not fail.
///
/// # Cancel safety
///
/// The enter is ready at once.
///
/// ```
/// use std::{io, sync::Arc};
///
/// use forwith::async_with;
/// use forwith_resources::object_store::buffered;
/// use object_store::{ObjectStoreExt, memory::InMemory, path::Path};
/// use tokio::io::AsyncWriteExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> io::Result<()> {
/// let store = Arc::new(InMemory::new());
/// let path = Path::from("greeting");
/// async_with!(buffered(&store, &path) as object, {
///     object.write_all(b"hello").await?;
/// })?;
/// assert_eq!(store.get(&path).await?.bytes().await?, "hello");
/// # Ok(())
/// # }
/// ```
pub fn buffered<S: ObjectStore + ?Sized>(store: &Arc<S>, path: &Path) -> Buffer {
    Buffer {
        writer: BufWriter::new(Arc::new(store.clone()), path.clone()),
        limit: ABORT_LIMIT,
    }
}

/// An enter of a writer, from [`buffered`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
#[derive(Debug)]
pub struct Buffer {
    writer: BufWriter,
    limit: Duration,
}

impl Buffer {
    /// Changes the writer, for example by [`BufWriter::with_tags`].
    pub fn with(mut self, change: impl FnOnce(BufWriter) -> BufWriter) -> Self {
        self.writer = change(self.writer);
        self
    }

    /// Bounds the abort; otherwise that is 5 seconds. When the time is over, the store may keep
    /// parts.
    pub fn abort_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    fn open(self) -> Ready<io::Result<Buffered>> {
        ready(Ok(Buffered {
            writer: Mutex::new(self.writer),
            is_broken: false,
            limit: self.limit,
        }))
    }
}

#[diagnostic::do_not_recommend]
impl AsyncEnter for Buffer {
    type Resource = Buffered;

    fn enter(self) -> impl Future<Output = io::Result<Buffered>> {
        self.open()
    }
}

#[diagnostic::do_not_recommend]
impl OwnedEnter for Buffer {
    fn enter_owned(self) -> impl Future<Output = io::Result<Buffered>> + Send + 'static {
        self.open()
    }
}

/// A writer of an object, over the library's [`BufWriter`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`buffered`].
///
/// | the body | the exit |
/// |---|---|
/// | completes | shuts the writer down: the object is there, and whole |
/// | fails, panics, or is cancelled | aborts, within a [limit](Buffer::abort_limit) |
/// | is dropped | aborts in the [reaper](forwith::reaper) |
///
/// The object is stored by the exit alone. A `shutdown` in the body, such as that of an encoder
/// around the writer, is a flush, and neither stores anything: what is smaller than the buffer
/// remains there.
///
/// It does not deref to the [`BufWriter`], which loses its buffer when the future of its `put` is
/// dropped.
///
/// # Errors
///
/// Those of the writer. A write that has failed spoils the object: later writes fail, and so does
/// the exit if the body completes all the same.
///
/// # Cancel safety
///
/// A `write_all` that is dropped midway has written some of its bytes, and nobody knows how many:
/// let the body fail then.
pub struct Buffered {
    /// Nobody locks it; it makes this `Sync`.
    writer: Mutex<BufWriter>,
    /// A write has failed or panicked. The library's writer would store the rest, or panic.
    is_broken: bool,
    limit: Duration,
}

impl Buffered {
    fn poll<T>(
        &mut self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(Pin<&mut BufWriter>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if self.is_broken {
            return Poll::Ready(Err(io::Error::other(
                "a write has failed, so nothing is stored",
            )));
        }
        self.is_broken = true; // if it panics
        let polled = poll(Pin::new(self.writer.get_mut()), cx);
        self.is_broken = matches!(polled, Poll::Ready(Err(_)));
        polled
    }

    async fn abort(&mut self) -> io::Result<()> {
        if !self.is_broken {
            // Otherwise it forgets an upload that is just beginning.
            let begun = poll_fn(|cx| self.poll(cx, BufWriter::poll_flush)).await;
            drop(begun); // nothing is there to be aborted if it failed
        }
        Ok(self.writer.get_mut().abort().await?)
    }
}

#[diagnostic::do_not_recommend]
impl OwnedExit for Buffered {
    type Error = io::Error;

    async fn exit_owned(mut self, outcome: OwnedOutcome) -> io::Result<()> {
        if outcome.is_completed() && !self.is_broken {
            // It aborts by itself when it fails.
            return poll_fn(|cx| self.poll(cx, BufWriter::poll_shutdown)).await;
        }
        let limit = self.limit;
        timeout(limit, self.abort())
            .await
            .unwrap_or_else(|_| Err(timed_out(limit)))?;
        if outcome.is_completed() {
            // It says what the body has not heard.
            return poll_fn(|cx| self.poll(cx, BufWriter::poll_flush)).await;
        }
        Ok(())
    }
}

impl AsyncWrite for Buffered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll(cx, |writer, cx| writer.poll_write(cx, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(cx, BufWriter::poll_flush)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

impl fmt::Debug for Buffered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffered").finish_non_exhaustive()
    }
}

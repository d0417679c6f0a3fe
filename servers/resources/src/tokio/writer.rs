//! Writers that have an end.

use std::fmt;
use std::future::ready;
use std::io;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::time::Duration;

use ::tokio::io::{AsyncWrite, AsyncWriteExt};
use forwith::{AsyncEnter, AsyncExit, Handoff, Outcome, OwnedExit, OwnedOutcome};

use super::within::{unless_cancelled, within};

/// Ends a writer when the body completes: one that buffers, compresses or encrypts.
///
/// The body gets a [`HeldWriter`], which derefs to the writer.
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::tokio::writer;
/// use std::io;
/// use tokio::io::AsyncWriteExt;
///
/// async fn say(words: &[&str]) -> io::Result<()> {
///     // What is in this buffer is otherwise lost by a `std::process::exit`.
///     async_with!(writer(tokio::io::stdout()) as out, {
///         for word in words {
///             out.write_all(word.as_bytes()).await?;
///         }
///     })
/// }
/// ```
///
/// A writer that borrows, such as a buffer in front of a [`file`](super::file()), is entered by
/// [`writer_on`].
///
/// # Cancel safety
///
/// It is ready at once.
pub fn writer<W>(writer: W) -> EnterWriter<W>
where
    W: AsyncWrite + Unpin + Send + 'static,
{
    EnterWriter(HeldWriter {
        writer,
        limit: None,
        end: |mut writer, limit| Box::pin(async move { end(&mut writer, limit).await }),
    })
}

async fn end<W: AsyncWrite + Unpin>(writer: &mut W, limit: Option<Duration>) -> io::Result<()> {
    let end = unless_cancelled(async {
        match limit {
            Some(limit) => within(limit, "the writer has not ended", writer.shutdown()).await,
            None => writer.shutdown().await,
        }
    });
    end.await.unwrap_or(Ok(()))
}

/// Ends a writer that borrows when the body completes.
///
/// The body gets a [`LentWriter`], which derefs to the writer.
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::tokio::{file, writer_on};
/// use std::io;
/// use tokio::fs::File;
/// use tokio::io::{AsyncWriteExt, BufWriter};
///
/// async fn number(lines: &[&str]) -> io::Result<()> {
///     async_with!(
///         file(File::create("numbered.txt")) as file,
///         writer_on(BufWriter::new(&mut **file)) as out,
///         {
///             for (number, line) in lines.iter().enumerate() {
///                 out.write_all(format!("{number} {line}\n").as_bytes()).await?;
///             }
///         }
///     )
/// }
/// ```
///
/// # Cancel safety
///
/// It is ready at once.
pub fn writer_on<W: AsyncWrite + Unpin>(writer: W) -> EnterWriterOn<W> {
    EnterWriterOn(LentWriter {
        writer,
        limit: None,
    })
}

/// An enter of a writer, from [`writer`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct EnterWriter<W>(HeldWriter<W>);

impl<W> EnterWriter<W> {
    /// Bounds the end; otherwise there is no bound. When the time is over, the writer is dropped
    /// without an end, and the exit fails.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.0.limit = Some(limit);
        self
    }
}

#[diagnostic::do_not_recommend]
impl<W: Send> AsyncEnter for EnterWriter<W> {
    type Resource = HeldWriter<W>;

    fn enter(self) -> impl Future<Output = io::Result<HeldWriter<W>>> {
        ready(Ok(self.0))
    }
}

/// An enter of a writer that borrows, from [`writer_on`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct EnterWriterOn<W>(LentWriter<W>);

impl<W> EnterWriterOn<W> {
    /// Bounds the end, as [`EnterWriter::limit`] does.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.0.limit = Some(limit);
        self
    }
}

#[diagnostic::do_not_recommend]
impl<W: AsyncWrite + Unpin> AsyncEnter for EnterWriterOn<W> {
    type Resource = LentWriter<W>;

    fn enter(self) -> impl Future<Output = io::Result<LentWriter<W>>> {
        ready(Ok(self.0))
    }
}

/// A writer that is ended when its body completes. It derefs to the writer.
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`writer`].
///
/// | the body | the exit |
/// |---|---|
/// | completes | awaits [`shutdown`](AsyncWriteExt::shutdown), which flushes first |
/// | fails, panics, is cancelled, or is dropped | drops the writer |
///
/// So what is not whole gets no end: a compressed file that was cut cannot be unpacked, and what a
/// [`BufWriter`](::tokio::io::BufWriter) holds is not written. Not every format shows that. A plain
/// file is just short; see [`replaced`](super::replaced()).
///
/// A scope that is cancelled while the exit awaits the end drops the writer, too. An end that has
/// begun goes on in the [reaper](forwith::reaper) when the future is dropped.
///
/// # Errors
///
/// Those of the shutdown.
pub struct HeldWriter<W> {
    writer: W,
    limit: Option<Duration>,
    /// Knows that the writer is `'static`, which a bound of an impl must not say
    /// (rust-lang/rust#64552).
    end: fn(W, Option<Duration>) -> End,
}

type End = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

#[diagnostic::do_not_recommend]
impl<W: Send> OwnedExit for HeldWriter<W> {
    type Error = io::Error;

    fn exit_owned(
        self,
        outcome: OwnedOutcome,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let HeldWriter { writer, limit, end } = self;
        let ending = outcome.is_completed().then(|| end(writer, limit));
        async move {
            match ending {
                Some(ending) => ending.await,
                None => Ok(()),
            }
        }
    }
}

/// A writer that borrows, and is ended when its body completes. It derefs to the writer.
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`writer_on`]. It ends as a
/// [`HeldWriter`] does, but an end that is dropped midway is cut, because it borrows. That counts
/// as lost.
///
/// # Errors
///
/// Those of the shutdown.
pub struct LentWriter<W> {
    writer: W,
    limit: Option<Duration>,
}

#[diagnostic::do_not_recommend]
impl<W: AsyncWrite + Unpin> AsyncExit for LentWriter<W> {
    type Error = io::Error;

    async fn exit(mut self, outcome: Outcome<'_>) -> io::Result<()> {
        if outcome.is_completed() {
            end(&mut self.writer, self.limit).await?;
        }
        Ok(())
    }

    /// What is not whole gets no end.
    fn abandon(self, _handoff: Handoff<'_>) {}
}

impl<W> Deref for HeldWriter<W> {
    type Target = W;

    fn deref(&self) -> &W {
        &self.writer
    }
}

impl<W> DerefMut for HeldWriter<W> {
    fn deref_mut(&mut self) -> &mut W {
        &mut self.writer
    }
}

impl<W> Deref for LentWriter<W> {
    type Target = W;

    fn deref(&self) -> &W {
        &self.writer
    }
}

impl<W> DerefMut for LentWriter<W> {
    fn deref_mut(&mut self) -> &mut W {
        &mut self.writer
    }
}

impl<W> fmt::Debug for EnterWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnterWriter").finish_non_exhaustive()
    }
}

impl<W> fmt::Debug for EnterWriterOn<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnterWriterOn").finish_non_exhaustive()
    }
}

impl<W> fmt::Debug for HeldWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldWriter").finish_non_exhaustive()
    }
}

impl<W> fmt::Debug for LentWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LentWriter").finish_non_exhaustive()
    }
}

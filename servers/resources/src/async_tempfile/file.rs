//! A temporary file.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use async_tempfile::{Error, Ownership, PersistError, TempFile};
use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use tokio::io::AsyncWrite;

use crate::off_executor::{REMOVE_LIMIT, blocking, joined, within};

/// Makes a temporary file.
///
/// `open` is any future that gives one. The body gets a [`HeldFile`], which derefs to the
/// [`TempFile`].
///
/// # Errors
///
/// Those of `open`.
///
/// # Panics
///
/// Panics outside of a tokio runtime.
///
/// # Cancel safety
///
/// It may be cancelled or dropped: `open` goes on in a task, and the file is removed. By itself the
/// library leaves it there when a call is dropped that has made it.
pub fn file<F>(open: F) -> OpenFile<F>
where
    F: Future<Output = Result<TempFile, Error>> + Send + 'static,
{
    OpenFile {
        open,
        limit: REMOVE_LIMIT,
    }
}

/// An enter of a temporary file, from [`file`](file()).
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct OpenFile<F> {
    open: F,
    limit: Duration,
}

impl<F> OpenFile<F>
where
    F: Future<Output = Result<TempFile, Error>> + Send + 'static,
{
    /// Bounds the removal when the body does not complete; otherwise that is 5 seconds. It goes on
    /// when the time is over.
    pub fn remove_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    async fn make(self) -> Result<HeldFile, Error> {
        Ok(HeldFile {
            file: joined(tokio::spawn(self.open)).await?,
            target: None,
            limit: self.limit,
        })
    }
}

#[diagnostic::do_not_recommend]
impl<F> AsyncEnter for OpenFile<F>
where
    F: Future<Output = Result<TempFile, Error>> + Send + 'static,
{
    type Resource = HeldFile;

    fn enter(self) -> impl Future<Output = Result<HeldFile, Error>> {
        self.make()
    }
}

#[diagnostic::do_not_recommend]
impl<F> OwnedEnter for OpenFile<F>
where
    F: Future<Output = Result<TempFile, Error>> + Send + 'static,
{
    fn enter_owned(self) -> impl Future<Output = Result<HeldFile, Error>> + Send + 'static {
        self.make()
    }
}

/// A temporary file. It derefs to the [`TempFile`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`file`](file()).
///
/// | the body | the exit |
/// |---|---|
/// | completes | flushes and [persists](HeldFile::persist_to) the file, or removes it |
/// | fails, panics, or is cancelled | removes the file, within a [limit](OpenFile::remove_limit) |
/// | is dropped | does so in the [reaper](forwith::reaper) |
///
/// What the exit has begun goes on when its future is dropped. A clone of the [`TempFile`] keeps a
/// file that is not persisted.
///
/// # Errors
///
/// Those of the last writes, of [`TempFile::persist`], and of [`TempFile::close`]. A file that
/// cannot be persisted is removed.
pub struct HeldFile {
    file: TempFile,
    target: Option<PathBuf>,
    limit: Duration,
}

impl HeldFile {
    /// Lets the exit give the file this name, if the body completes. A file of that name is
    /// replaced at once: nobody sees a part of it.
    ///
    /// The contents are on the disk by then.
    pub fn persist_to(&mut self, path: impl Into<PathBuf>) {
        self.target = Some(path.into());
    }
}

async fn persist(mut file: TempFile, target: PathBuf) -> io::Result<()> {
    // The file itself tells of a write that has failed only here.
    poll_fn(|cx| Pin::new(&mut file).poll_flush(cx)).await?;
    file.sync_all().await?;
    let Err(PersistError { error, path }) = file.persist(target).await else {
        return Ok(());
    };
    // It is nobody's now, and removed with its new owner.
    drop(TempFile::from_existing(path, Ownership::Owned).await);
    Err(match error {
        Error::Io(error) => error,
        other => io::Error::other(other),
    })
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldFile {
    type Error = Error;

    async fn exit_owned(self, outcome: OwnedOutcome) -> Result<(), Error> {
        let HeldFile {
            file,
            target,
            limit,
        } = self;
        let is_completed = outcome.is_completed();
        let limit = (!is_completed).then_some(limit);
        within(limit, async move {
            match target.filter(|_| is_completed) {
                Some(target) => persist(file, target).await,
                None => blocking(|| file.close()).await,
            }
        })
        .await?;
        Ok(())
    }
}

impl Deref for HeldFile {
    type Target = TempFile;

    fn deref(&self) -> &TempFile {
        &self.file
    }
}

impl DerefMut for HeldFile {
    fn deref_mut(&mut self) -> &mut TempFile {
        &mut self.file
    }
}

impl<F> fmt::Debug for OpenFile<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenFile").finish_non_exhaustive()
    }
}

impl fmt::Debug for HeldFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeldFile").field(&self.file).finish()
    }
}

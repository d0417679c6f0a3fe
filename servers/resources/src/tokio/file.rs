//! Files that are flushed.

use std::fmt;
use std::io;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use ::tokio::fs::File;
use ::tokio::io::AsyncWriteExt;
use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};

use super::within::within;

/// How long a flush may take, unless it is told otherwise.
pub(super) const FLUSH_LIMIT: Duration = Duration::from_secs(30);

/// Opens a file, and flushes it when the body has ended.
///
/// `open` is any future that gives a [`File`]. The body gets a [`HeldFile`], which derefs to it.
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::tokio::file;
/// use std::io;
/// use tokio::fs::File;
/// use tokio::io::AsyncWriteExt;
///
/// async fn log(line: &str) -> io::Result<()> {
///     async_with!(file(File::options().append(true).open("log.txt")).sync_data() as log, {
///         log.write_all(line.as_bytes()).await?;
///     })
/// }
/// ```
///
/// # Errors
///
/// Those of `open`.
///
/// # Cancel safety
///
/// It may be cancelled or dropped: a file that was opened is closed. One that is being created may
/// appear a moment later, and is empty. That is awaited where this is
/// [`outliving`](forwith::AsyncEnterExt::outliving), in a folder that goes soon, for example.
pub fn file<F>(open: F) -> OpenFile<F>
where
    F: Future<Output = io::Result<File>>,
{
    OpenFile {
        open,
        settings: Settings {
            sync: Sync::No,
            limit: FLUSH_LIMIT,
        },
    }
}

/// An enter of a file, from [`file`](file()).
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct OpenFile<F> {
    open: F,
    settings: Settings,
}

#[derive(Clone, Copy)]
struct Settings {
    sync: Sync,
    limit: Duration,
}

#[derive(Clone, Copy)]
enum Sync {
    No,
    Data,
    All,
}

impl<F> OpenFile<F> {
    /// Writes the file and its metadata to the disk when the body completes, as
    /// [`File::sync_all`] does. The name of a file that is new is in its folder, which is not
    /// written.
    pub fn sync_all(mut self) -> Self {
        self.settings.sync = Sync::All;
        self
    }

    /// Writes the file to the disk when the body completes, as [`File::sync_data`] does.
    pub fn sync_data(mut self) -> Self {
        self.settings.sync = Sync::Data;
        self
    }

    /// Bounds the flush; otherwise that is 30 seconds.
    ///
    /// It waits for the call that the blocking pool does for this file. One that reads from a pipe
    /// may take forever. When the time is over, the call goes on, and nobody is told how it ends.
    pub fn flush_limit(mut self, limit: Duration) -> Self {
        self.settings.limit = limit;
        self
    }
}

impl<F: Future<Output = io::Result<File>>> OpenFile<F> {
    async fn open(self) -> io::Result<HeldFile> {
        let OpenFile { open, settings } = self;
        let file = open.await?;
        Ok(HeldFile { file, settings })
    }
}

#[diagnostic::do_not_recommend]
impl<F: Future<Output = io::Result<File>>> AsyncEnter for OpenFile<F> {
    type Resource = HeldFile;

    fn enter(self) -> impl Future<Output = io::Result<HeldFile>> {
        self.open()
    }
}

#[diagnostic::do_not_recommend]
impl<F: Future<Output = io::Result<File>> + Send + 'static> OwnedEnter for OpenFile<F> {
    fn enter_owned(self) -> impl Future<Output = io::Result<HeldFile>> + Send + 'static {
        self.open()
    }
}

/// A file that is flushed when its block ends. It derefs to the [`File`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`file`](file()).
///
/// | the body | the exit |
/// |---|---|
/// | completes | flushes the file, and then writes it to the disk if that is asked for |
/// | fails, panics, or is cancelled | flushes it |
/// | is dropped | flushes it, in the [reaper](forwith::reaper) |
///
/// So no write is in flight behind the block. Without a reaper a write in flight is done a moment
/// later, and its error is lost.
///
/// # Errors
///
/// The error of the last write, which tokio tells only to a later write or flush, and those of the
/// sync. An error that a call in the body was given already is not given again.
pub struct HeldFile {
    file: File,
    settings: Settings,
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldFile {
    type Error = io::Error;

    async fn exit_owned(self, outcome: OwnedOutcome) -> io::Result<()> {
        let HeldFile { mut file, settings } = self;
        within(settings.limit, "the file is not flushed", file.flush()).await?;
        match settings.sync {
            Sync::All if outcome.is_completed() => file.sync_all().await,
            Sync::Data if outcome.is_completed() => file.sync_data().await,
            _ => Ok(()),
        }
    }
}

impl Deref for HeldFile {
    type Target = File;

    fn deref(&self) -> &File {
        &self.file
    }
}

impl DerefMut for HeldFile {
    fn deref_mut(&mut self) -> &mut File {
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

//! A temporary file.

use std::fmt;
use std::io::{self, Result, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use tempfile::NamedTempFile;
use tokio::sync::Mutex;

use crate::off_executor::{REMOVE_LIMIT, blocking, within};

type Open = Box<dyn FnOnce() -> Result<NamedTempFile> + Send>;

/// Makes a temporary file with a name.
///
/// The body gets a [`HeldFile`]. To write a file as a whole or not at all:
///
/// ```
/// use std::io::{self, Write};
/// use std::path::Path;
///
/// use forwith::async_with;
/// use forwith_resources::tempfile::file;
///
/// async fn save(folder: &Path, text: String) -> io::Result<()> {
///     async_with!(file().within(folder) as file, {
///         file.run(move |file| file.write_all(text.as_bytes())).await?;
///         file.persist_to(folder.join("settings"));
///     })
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> io::Result<()> {
/// let folder = tempfile::tempdir()?;
/// save(folder.path(), "dark".into()).await?;
/// assert_eq!(std::fs::read(folder.path().join("settings"))?, b"dark");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Those of [`NamedTempFile::new`].
///
/// # Panics
///
/// Panics outside of a tokio runtime.
///
/// # Cancel safety
///
/// It may be cancelled or dropped: the file is removed.
pub fn file() -> OpenFile {
    OpenFile {
        open: Box::new(NamedTempFile::new),
        limit: REMOVE_LIMIT,
    }
}

/// An enter of a temporary file, from [`file`](file()).
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct OpenFile {
    open: Open,
    limit: Duration,
}

impl OpenFile {
    /// Makes the file by this closure, for example by a [`tempfile::Builder`].
    pub fn with(mut self, open: impl FnOnce() -> Result<NamedTempFile> + Send + 'static) -> Self {
        self.open = Box::new(open);
        self
    }

    /// Makes the file in this folder. A file can be persisted only within its file system.
    pub fn within(self, folder: impl AsRef<Path>) -> Self {
        let folder = folder.as_ref().to_path_buf();
        self.with(move || NamedTempFile::new_in(folder))
    }

    /// Bounds the exit of a body that does not complete; otherwise that is 5 seconds.
    ///
    /// When the time is over, the exit fails with [`TimedOut`](std::io::ErrorKind::TimedOut), and
    /// the file is removed when the call in flight has ended.
    pub fn remove_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    async fn make(self) -> Result<HeldFile> {
        let OpenFile { open, limit } = self;
        // A file that nobody takes is dropped in the thread, and removed.
        let file = blocking(open).await?;
        Ok(HeldFile {
            path: file.path().into(),
            file: Arc::new(Mutex::new(Some(file))),
            target: None,
            limit,
        })
    }
}

#[diagnostic::do_not_recommend]
impl AsyncEnter for OpenFile {
    type Resource = HeldFile;

    fn enter(self) -> impl Future<Output = Result<HeldFile>> {
        self.make()
    }
}

#[diagnostic::do_not_recommend]
impl OwnedEnter for OpenFile {
    fn enter_owned(self) -> impl Future<Output = Result<HeldFile>> + Send + 'static {
        self.make()
    }
}

/// A temporary file with a name.
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`file`](file()).
///
/// | the body | the exit |
/// |---|---|
/// | completes | [persists](HeldFile::persist_to) the file, or removes it |
/// | fails, panics, or is cancelled | removes the file, within a [limit](OpenFile::remove_limit) |
/// | is dropped | does so in the [reaper](forwith::reaper) |
///
/// Each behind the call in flight, off the executor's thread, and to its end, also when the exit's
/// future is dropped.
///
/// # Errors
///
/// Those of the last writes, of [`NamedTempFile::persist`], and of [`NamedTempFile::close`]. A file
/// that cannot be persisted is removed.
pub struct HeldFile {
    path: PathBuf,
    /// `None` once its exit has begun.
    file: Arc<Mutex<Option<NamedTempFile>>>,
    target: Option<Target>,
    limit: Duration,
}

struct Target {
    path: PathBuf,
    replaces: bool,
}

impl HeldFile {
    /// The path of the file, for as long as it is a temporary one.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Calls a closure that blocks, with the file. Calls are made one after the other.
    ///
    /// # Panics
    ///
    /// A panic of the closure continues here.
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped, a call that has begun goes on. The next call and the exit wait
    /// for it.
    pub async fn run<T, F>(&self, call: F) -> T
    where
        F: FnOnce(&mut NamedTempFile) -> T + Send + 'static,
        T: Send + 'static,
    {
        let mut file = self.file.clone().lock_owned().await;
        blocking(move || call(file.as_mut().expect("there until its exit"))).await
    }

    /// Lets the exit give the file this name, if the body completes. A file of that name is
    /// replaced at once: nobody sees a part of it.
    ///
    /// The contents are on the disk by then.
    pub fn persist_to(&mut self, path: impl Into<PathBuf>) {
        self.target = Some(Target {
            path: path.into(),
            replaces: true,
        });
    }

    /// Lets the exit give the file this name, if the body completes and there is no file of that
    /// name. If there is, the exit fails.
    pub fn persist_new_to(&mut self, path: impl Into<PathBuf>) {
        self.target = Some(Target {
            path: path.into(),
            replaces: false,
        });
    }
}

impl Target {
    fn persist(self, mut file: NamedTempFile) -> Result<()> {
        file.flush()?;
        file.as_file().sync_all()?;
        if self.replaces {
            file.persist(self.path)?;
        } else {
            file.persist_noclobber(self.path)?;
        }
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldFile {
    type Error = io::Error;

    async fn exit_owned(self, outcome: OwnedOutcome) -> Result<()> {
        let HeldFile {
            file,
            target,
            limit,
            ..
        } = self;
        let target = target.filter(|_| outcome.is_completed());
        let limit = (!outcome.is_completed()).then_some(limit);
        within(limit, async move {
            let file = file.lock().await.take().expect("an exit begins once");
            blocking(move || match target {
                Some(target) => target.persist(file),
                None => file.close(),
            })
            .await
        })
        .await
    }
}

impl fmt::Debug for OpenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenFile").finish_non_exhaustive()
    }
}

impl fmt::Debug for HeldFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeldFile").field(&self.path).finish()
    }
}

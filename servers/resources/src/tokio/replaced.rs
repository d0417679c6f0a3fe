//! Files that are there as a whole, or not at all.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::ops::{Deref, DerefMut};
use std::path::{self, Path, PathBuf};
use std::time::Duration;

use ::tokio::fs::File;
use ::tokio::io::AsyncWriteExt;
use ::tokio::task::spawn_blocking;
use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, AsyncEnterExt, OwnedExit, OwnedOutcome};

use super::file::FLUSH_LIMIT;
use super::within::within;

/// Writes a file beside this path, and gives it that name when the body completes. It replaces what
/// is there.
///
/// The body gets a [`HeldReplacement`], which derefs to the [`File`].
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::tokio::replaced;
/// use std::io;
/// use tokio::io::AsyncWriteExt;
///
/// async fn save(settings: &str) -> io::Result<()> {
///     async_with!(replaced("settings.toml") as file, {
///         file.write_all(settings.as_bytes()).await?;
///     })
/// }
/// ```
///
/// The new file has the permissions of the one that it replaces, but not its owner or other
/// metadata. A symbolic link is followed, so the file that it leads to is replaced.
///
/// # Errors
///
/// The folder does not exist, or a file cannot be created in it. And what is there is no file.
///
/// # Panics
///
/// Panics outside of a tokio runtime.
///
/// # Cancel safety
///
/// The creation is awaited by a scope that is cancelled. When the future is dropped, it goes on in
/// the [reaper](forwith::reaper), and the file is removed there; without one it is removed as soon
/// as it has been created.
pub fn replaced(path: impl Into<PathBuf>) -> Replace {
    Replace {
        path: path.into(),
        settings: Settings {
            syncs: true,
            limit: FLUSH_LIMIT,
        },
    }
}

/// An enter of a file that replaces another one, from [`replaced`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
#[derive(Debug)]
pub struct Replace {
    path: PathBuf,
    settings: Settings,
}

#[derive(Clone, Copy, Debug)]
struct Settings {
    syncs: bool,
    limit: Duration,
}

impl Replace {
    /// Leaves it to the system when the file is written to the disk.
    ///
    /// Otherwise that is done before the file gets its name, and its folder is written behind that.
    /// Without it the file may be empty when the power fails.
    pub fn without_sync(mut self) -> Self {
        self.settings.syncs = false;
        self
    }

    /// Bounds the flush; otherwise that is 30 seconds. When the time is over, nothing is replaced.
    pub fn flush_limit(mut self, limit: Duration) -> Self {
        self.settings.limit = limit;
        self
    }

    async fn create(self) -> io::Result<HeldReplacement> {
        let Replace { path, settings } = self;
        let (draft, file) = blocking(move || Draft::create(&path)).await?;
        Ok(HeldReplacement {
            file: File::from_std(file),
            draft,
            settings,
        })
    }
}

#[diagnostic::do_not_recommend]
impl AsyncEnter for Replace {
    type Resource = HeldReplacement;

    fn enter(self) -> impl Future<Output = io::Result<HeldReplacement>> {
        self.create().outliving().enter()
    }
}

#[diagnostic::do_not_recommend]
impl OwnedEnter for Replace {
    fn enter_owned(self) -> impl Future<Output = io::Result<HeldReplacement>> + Send + 'static {
        self.create()
    }
}

/// A file that replaces another one when its body completes. It derefs to the [`File`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`replaced`].
///
/// | the body | the exit |
/// |---|---|
/// | completes | flushes the file, syncs it, gives it its name, and syncs the folder |
/// | fails, panics, or is cancelled | removes it, and leaves what is there |
/// | is dropped | the same, in the [reaper](forwith::reaper); without one at once |
///
/// So whoever reads the path finds the file of before or the new one as a whole. What ends the
/// program in the midst of that, such as `SIGKILL`, leaves a file beside it, whose name begins with
/// `.replacement-`.
///
/// A replacement that has begun is done to its end, also when the future is dropped without a
/// reaper.
///
/// # Errors
///
/// Those of the last write, of the sync, and of the renaming: then nothing is replaced. An error
/// while the folder is written comes behind that: the file has its name, but may lose it when the
/// power fails.
pub struct HeldReplacement {
    // Closed before the draft is removed, which some systems ask for.
    file: File,
    draft: Draft,
    settings: Settings,
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldReplacement {
    type Error = io::Error;

    async fn exit_owned(self, outcome: OwnedOutcome) -> io::Result<()> {
        let HeldReplacement {
            mut file,
            draft,
            settings,
        } = self;
        // Without this, the write in flight would go on behind the block.
        let flushed = within(settings.limit, "the file is not flushed", file.flush()).await;
        if outcome.is_completed() && flushed.is_ok() {
            let file = file.into_std().await;
            return blocking(move || draft.publish(file, settings.syncs)).await;
        }
        drop(file);
        blocking(move || draft.remove()).await?;
        if outcome.is_completed() {
            flushed
        } else {
            Ok(())
        }
    }
}

/// Calls this in the blocking pool, to its end, whether or not the future is dropped.
async fn blocking<T: Send + 'static>(
    call: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(call).await?
}

/// A file beside another one, which is removed when this is dropped.
struct Draft {
    path: PathBuf,
    target: PathBuf,
    is_there: bool,
}

impl Draft {
    fn create(path: &Path) -> io::Result<(Self, fs::File)> {
        // The name of a link would be replaced, and not the file.
        let target = fs::canonicalize(path).or_else(|_| path::absolute(path))?;
        let folder = target.parent().filter(|_| target.file_name().is_some());
        let folder = folder.ok_or(io::ErrorKind::InvalidInput)?;
        let replaced = fs::metadata(&target).ok();
        if replaced.as_ref().is_some_and(|there| !there.is_file()) {
            let message = format!("{} is no file, so it is not replaced", target.display());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let mut options = fs::File::options();
        options.write(true).read(true).create_new(true);
        // From the beginning: the file may be a secret.
        #[cfg(unix)]
        if let Some(there) = &replaced {
            use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
            options.mode(there.permissions().mode() & 0o777);
        }
        let random = RandomState::new().build_hasher().finish();
        let draft = folder.join(format!(".replacement-{random:016x}"));
        let file = options.open(&draft)?;
        let draft = Draft {
            path: draft,
            target,
            is_there: true,
        };
        if let Some(there) = replaced {
            file.set_permissions(there.permissions())?;
        }
        Ok((draft, file))
    }

    fn publish(mut self, file: fs::File, syncs: bool) -> io::Result<()> {
        if syncs {
            file.sync_all()?;
        }
        drop(file);
        fs::rename(&self.path, &self.target)?;
        self.is_there = false;
        #[cfg(unix)]
        if let Some(folder) = self.target.parent().filter(|_| syncs) {
            fs::File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    fn remove(mut self) -> io::Result<()> {
        self.is_there = false;
        fs::remove_file(&self.path)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.is_there {
            drop(fs::remove_file(&self.path));
        }
    }
}

impl Deref for HeldReplacement {
    type Target = File;

    fn deref(&self) -> &File {
        &self.file
    }
}

impl DerefMut for HeldReplacement {
    fn deref_mut(&mut self) -> &mut File {
        &mut self.file
    }
}

impl fmt::Debug for HeldReplacement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldReplacement")
            .field("target", &self.draft.target)
            .finish_non_exhaustive()
    }
}

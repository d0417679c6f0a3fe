//! A temporary folder.

use std::fmt;
use std::io::Result;
use std::ops::Deref;
use std::path::Path;
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use tempfile::TempDir;

use crate::off_executor::{Calls, REMOVE_LIMIT, blocking};

type Open = Box<dyn FnOnce() -> Result<TempDir> + Send>;

/// Makes a temporary folder.
///
/// The body gets a [`HeldFolder`], which derefs to the [`TempDir`].
///
/// # Errors
///
/// Those of [`tempfile::tempdir`].
///
/// # Panics
///
/// Panics outside of a tokio runtime.
///
/// # Cancel safety
///
/// It may be cancelled or dropped: the folder is removed.
pub fn folder() -> OpenFolder {
    OpenFolder {
        open: Box::new(tempfile::tempdir),
        limit: REMOVE_LIMIT,
    }
}

/// An enter of a temporary folder, from [`folder`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct OpenFolder {
    open: Open,
    limit: Duration,
}

impl OpenFolder {
    /// Makes the folder by this closure, for example by a [`tempfile::Builder`].
    ///
    /// ```
    /// # let _ =
    /// forwith_resources::tempfile::folder()
    ///     .with(|| tempfile::Builder::new().prefix("unpacked-").tempdir_in("/var/tmp"));
    /// ```
    pub fn with(mut self, open: impl FnOnce() -> Result<TempDir> + Send + 'static) -> Self {
        self.open = Box::new(open);
        self
    }

    /// Bounds the exit of a body that does not complete; otherwise that is 5 seconds.
    ///
    /// When the time is over, the exit fails with [`TimedOut`](std::io::ErrorKind::TimedOut), and
    /// the folder is removed when the calls in flight have ended.
    pub fn remove_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    async fn make(self) -> Result<HeldFolder> {
        let OpenFolder { open, limit } = self;
        // A folder that nobody takes is dropped in the thread, and removed.
        let folder = blocking(open).await?;
        Ok(HeldFolder {
            calls: Calls::new(folder),
            limit,
        })
    }
}

#[diagnostic::do_not_recommend]
impl AsyncEnter for OpenFolder {
    type Resource = HeldFolder;

    fn enter(self) -> impl Future<Output = Result<HeldFolder>> {
        self.make()
    }
}

#[diagnostic::do_not_recommend]
impl OwnedEnter for OpenFolder {
    fn enter_owned(self) -> impl Future<Output = Result<HeldFolder>> + Send + 'static {
        self.make()
    }
}

/// A temporary folder. It derefs to the [`TempDir`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`folder`].
///
/// However the body ends, the exit awaits the calls in flight and then removes the folder, off the
/// executor's thread. When the future is dropped, the [reaper](forwith::reaper) does so; without
/// one, the call that ends last removes the folder.
///
/// Calls that do not go through [`run`](HeldFolder::run) or [`call`](HeldFolder::call) are not
/// awaited.
///
/// # Errors
///
/// Those of [`TempDir::close`].
pub struct HeldFolder {
    calls: Calls<TempDir>,
    limit: Duration,
}

impl HeldFolder {
    /// Calls a closure that blocks, with the path of the folder.
    ///
    /// # Panics
    ///
    /// A panic of the closure continues here.
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped, a call that was polled once goes on, and the exit awaits it.
    pub async fn run<T, F>(&self, call: F) -> T
    where
        F: FnOnce(&Path) -> T + Send + 'static,
        T: Send + 'static,
    {
        self.calls.run(|folder| call(folder.path())).await
    }

    /// Awaits a future in a task, such as one of `tokio::fs`.
    ///
    /// # Panics
    ///
    /// A panic of the future continues here.
    ///
    /// # Cancel safety
    ///
    /// When this future is dropped, one that was polled once goes on, and the exit awaits it.
    pub async fn call<F>(&self, call: F) -> F::Output
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        self.calls.call(call).await
    }
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldFolder {
    type Error = std::io::Error;

    async fn exit_owned(self, outcome: OwnedOutcome) -> Result<()> {
        let limit = (!outcome.is_completed()).then_some(self.limit);
        self.calls.finish(limit, TempDir::close).await
    }
}

impl Deref for HeldFolder {
    type Target = TempDir;

    fn deref(&self) -> &TempDir {
        self.calls.get()
    }
}

impl fmt::Debug for OpenFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenFolder").finish_non_exhaustive()
    }
}

impl fmt::Debug for HeldFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeldFolder").field(&self.path()).finish()
    }
}

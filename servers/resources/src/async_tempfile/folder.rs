//! A temporary folder.

use std::fmt;
use std::ops::Deref;
use std::path::Path;
use std::time::Duration;

use async_tempfile::{Error, TempDir};
use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};

use crate::off_executor::{Calls, REMOVE_LIMIT, joined};

/// Makes a temporary folder.
///
/// `open` is any future that gives one. The body gets a [`HeldFolder`], which derefs to the
/// [`TempDir`].
///
/// ```
/// use async_tempfile::{Error, TempDir};
/// use forwith::async_with;
/// use forwith_resources::async_tempfile::folder;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// async_with!(folder(TempDir::new()) as folder, {
///     let file = folder.dir_path().join("unpacked");
///     folder.call(tokio::fs::write(file, "hello")).await?;
/// })?;
/// # Ok(())
/// # }
/// ```
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
/// It may be cancelled or dropped: `open` goes on in a task, and the folder is removed. By itself
/// the library leaves it there when a call is dropped that has made it.
pub fn folder<F>(open: F) -> OpenFolder<F>
where
    F: Future<Output = Result<TempDir, Error>> + Send + 'static,
{
    OpenFolder {
        open,
        limit: REMOVE_LIMIT,
    }
}

/// An enter of a temporary folder, from [`folder`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct OpenFolder<F> {
    open: F,
    limit: Duration,
}

impl<F> OpenFolder<F>
where
    F: Future<Output = Result<TempDir, Error>> + Send + 'static,
{
    /// Bounds the exit of a body that does not complete; otherwise that is 5 seconds.
    ///
    /// When the time is over, the exit fails with [`TimedOut`](std::io::ErrorKind::TimedOut), and
    /// the folder is removed when the calls in flight have ended.
    pub fn remove_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    async fn make(self) -> Result<HeldFolder, Error> {
        let folder = joined(tokio::spawn(self.open)).await?;
        Ok(HeldFolder {
            calls: Calls::new(folder),
            limit: self.limit,
        })
    }
}

#[diagnostic::do_not_recommend]
impl<F> AsyncEnter for OpenFolder<F>
where
    F: Future<Output = Result<TempDir, Error>> + Send + 'static,
{
    type Resource = HeldFolder;

    fn enter(self) -> impl Future<Output = Result<HeldFolder, Error>> {
        self.make()
    }
}

#[diagnostic::do_not_recommend]
impl<F> OwnedEnter for OpenFolder<F>
where
    F: Future<Output = Result<TempDir, Error>> + Send + 'static,
{
    fn enter_owned(self) -> impl Future<Output = Result<HeldFolder, Error>> + Send + 'static {
        self.make()
    }
}

/// A temporary folder. It derefs to the [`TempDir`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`folder`].
///
/// However the body ends, the exit awaits the calls in flight and then removes the folder, off the
/// executor's thread. When the future is dropped, the [reaper](forwith::reaper) does so; without
/// one, the call that ends last removes the folder. A clone of the [`TempDir`] keeps it.
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
        self.calls.run(|folder| call(folder.dir_path())).await
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
    type Error = Error;

    async fn exit_owned(self, outcome: OwnedOutcome) -> Result<(), Error> {
        let limit = (!outcome.is_completed()).then_some(self.limit);
        Ok(self.calls.finish(limit, TempDir::close).await?)
    }
}

impl Deref for HeldFolder {
    type Target = TempDir;

    fn deref(&self) -> &TempDir {
        self.calls.get()
    }
}

impl<F> fmt::Debug for OpenFolder<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenFolder").finish_non_exhaustive()
    }
}

impl fmt::Debug for HeldFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeldFolder").field(self.dir_path()).finish()
    }
}

//! The enter of an upload in parts.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, AsyncEnterExt};
use object_store::path::Path;
use object_store::{ObjectStore, PutMultipartOptions, Result};

use super::{ABORT_LIMIT, Upload};

/// Begins an upload in parts.
///
/// The body gets an [`Upload`].
///
/// Most stores want all parts but the last one to be 5 MiB at least, and of one size. A
/// [`buffered`](super::buffered()) writer sees to that.
///
/// # Errors
///
/// Those of [`ObjectStore::put_multipart_opts`].
///
/// # Cancel safety
///
/// The call is awaited by a scope that is cancelled; if the future is dropped, it goes on in the
/// [reaper](forwith::reaper), and the upload is aborted there. Without a reaper a remote store may
/// keep it.
///
/// ```
/// use std::sync::Arc;
///
/// use forwith::async_with;
/// use forwith_resources::object_store::upload;
/// use object_store::{ObjectStoreExt, memory::InMemory, path::Path};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> object_store::Result<()> {
/// let store = Arc::new(InMemory::new());
/// let path = Path::from("greeting");
/// let uploaded = async_with!(upload(&store, &path) as upload, {
///     upload.put("hello ").await?;
///     upload.put("world").await?;
///     upload.uploaded()
/// })?;
/// assert!(uploaded.result().unwrap().e_tag.is_some());
/// assert_eq!(store.get(&path).await?.bytes().await?, "hello world");
/// # Ok(())
/// # }
/// ```
pub fn upload<S: ObjectStore + ?Sized>(store: &Arc<S>, path: &Path) -> BeginUpload<S> {
    BeginUpload {
        store: store.clone(),
        path: path.clone(),
        options: PutMultipartOptions::default(),
        concurrency: 8,
        limit: ABORT_LIMIT,
    }
}

/// An enter of an upload, from [`upload`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct BeginUpload<S: ?Sized> {
    store: Arc<S>,
    path: Path,
    options: PutMultipartOptions,
    concurrency: usize,
    limit: Duration,
}

impl<S: ObjectStore + ?Sized> BeginUpload<S> {
    /// Begins with these options, such as attributes and tags of the object.
    pub fn with(mut self, options: PutMultipartOptions) -> Self {
        self.options = options;
        self
    }

    /// Sets how many parts are sent at once; otherwise that is 8. At least one is.
    pub fn concurrency(mut self, parts: usize) -> Self {
        self.concurrency = parts.max(1);
        self
    }

    /// Bounds the wait for parts in flight, and then the abort; otherwise each is 5 seconds.
    ///
    /// A store may keep a part that arrives while it aborts, so the parts in flight are awaited
    /// before. When the time is over, they are dropped.
    pub fn abort_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    async fn begin(self) -> Result<Upload> {
        let begun = self.store.put_multipart_opts(&self.path, self.options);
        Ok(Upload::new(begun.await?, self.concurrency, self.limit))
    }
}

#[diagnostic::do_not_recommend]
impl<S: ObjectStore + ?Sized> AsyncEnter for BeginUpload<S> {
    type Resource = Upload;

    async fn enter(self) -> Result<Upload> {
        self.begin().outliving().enter().await
    }
}

#[diagnostic::do_not_recommend]
impl<S: ObjectStore + ?Sized> OwnedEnter for BeginUpload<S> {
    fn enter_owned(self) -> impl Future<Output = Result<Upload>> + Send + 'static {
        self.begin()
    }
}

impl<S: ?Sized> fmt::Debug for BeginUpload<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BeginUpload")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

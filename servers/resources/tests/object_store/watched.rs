//! A store that knows which uploads are open, waits in each call, and fails where it is told to.

use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard};

use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
    UploadPart,
};
use tokio::task::yield_now;

/// What goes wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Fault {
    #[default]
    None,
    BeginFails,
    BeginPanics,
    PutFails,
    /// The part of this number, from 1.
    PartFails(usize),
    PartPanics(usize),
    PartHangs(usize),
    CompleteFails,
    AbortHangs,
}

#[derive(Debug, Default)]
pub struct Seen {
    pub begun: usize,
    pub completed: usize,
    pub aborted: usize,
    pub parts: usize,
    /// Parts that are being sent.
    pub in_flight: usize,
    /// Parts that were begun to be sent, and those that were sent to the end.
    pub sent: (usize, usize),
    pub most_in_flight: usize,
    /// Parts that were being sent when an upload was aborted.
    pub in_flight_at_abort: usize,
}

impl Seen {
    /// Uploads whose parts the store keeps.
    pub fn open(&self) -> usize {
        self.begun - self.completed - self.aborted
    }
}

#[derive(Debug)]
struct Inside {
    objects: InMemory,
    fault: Fault,
    seen: Mutex<Seen>,
}

impl Inside {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }
}

/// A store that keeps the parts of an upload until it is completed or aborted, as a remote one
/// does.
#[derive(Clone, Debug)]
pub struct Watched(Arc<Inside>);

impl Watched {
    pub fn new(fault: Fault) -> Arc<Self> {
        Arc::new(Watched(Arc::new(Inside {
            objects: InMemory::new(),
            fault,
            seen: Mutex::default(),
        })))
    }

    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.seen()
    }
}

/// The bytes of an object, if it is there.
pub async fn stored(store: &impl ObjectStore, path: &Path) -> Option<Vec<u8>> {
    match store.get(path).await {
        Ok(object) => Some(object.bytes().await.unwrap().into()),
        Err(Error::NotFound { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

pub fn fault() -> Error {
    Error::Generic {
        store: "Watched",
        source: "as it was told to".into(),
    }
}

/// Waits for a few turns, as a call over a network does.
async fn turns() {
    for _ in 0..3 {
        yield_now().await;
    }
}

impl fmt::Display for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watched")
    }
}

/// An upload that nobody has completed or aborted stays open when it is dropped.
#[derive(Debug)]
struct WatchedUpload {
    inside: Arc<Inside>,
    upload: Box<dyn MultipartUpload>,
}

/// A part that is being sent.
struct InFlight(Arc<Inside>);

impl InFlight {
    fn new(inside: Arc<Inside>) -> Self {
        let mut seen = inside.seen();
        seen.in_flight += 1;
        seen.sent.0 += 1;
        seen.most_in_flight = seen.most_in_flight.max(seen.in_flight);
        drop(seen);
        InFlight(inside)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.seen().in_flight -= 1;
    }
}

impl MultipartUpload for WatchedUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let inside = self.inside.clone();
        inside.seen().parts += 1;
        let number = inside.seen().parts;
        let part = self.upload.put_part(data);
        Box::pin(async move {
            let _in_flight = InFlight::new(inside.clone());
            turns().await;
            inside.seen().sent.1 += 1;
            match inside.fault {
                Fault::PartFails(failing) if failing == number => Err(fault()),
                Fault::PartPanics(failing) if failing == number => panic!("as it was told to"),
                Fault::PartHangs(hanging) if hanging == number => pending().await,
                _ => part.await,
            }
        })
    }

    fn complete<'a, 'b>(&'a mut self) -> BoxFuture<'b, Result<PutResult>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async {
            turns().await;
            if self.inside.fault == Fault::CompleteFails {
                return Err(fault());
            }
            let completed = self.upload.complete().await?;
            self.inside.seen().completed += 1;
            Ok(completed)
        })
    }

    fn abort<'a, 'b>(&'a mut self) -> BoxFuture<'b, Result<()>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async {
            let in_flight = self.inside.seen().in_flight;
            self.inside.seen().in_flight_at_abort = in_flight;
            turns().await;
            if self.inside.fault == Fault::AbortHangs {
                pending::<()>().await;
            }
            self.inside.seen().aborted += 1;
            self.upload.abort().await
        })
    }
}

impl ObjectStore for Watched {
    fn put_opts<'a, 'b, 'c>(
        &'a self,
        location: &'b Path,
        payload: PutPayload,
        opts: PutOptions,
    ) -> BoxFuture<'c, Result<PutResult>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        Box::pin(async {
            turns().await;
            if self.0.fault == Fault::PutFails {
                return Err(fault());
            }
            self.0.objects.put_opts(location, payload, opts).await
        })
    }

    fn put_multipart_opts<'a, 'b, 'c>(
        &'a self,
        location: &'b Path,
        opts: PutMultipartOptions,
    ) -> BoxFuture<'c, Result<Box<dyn MultipartUpload>>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        Box::pin(async {
            turns().await;
            if self.0.fault == Fault::BeginFails {
                return Err(fault());
            }
            assert_ne!(self.0.fault, Fault::BeginPanics, "as it was told to");
            let upload = self.0.objects.put_multipart_opts(location, opts).await?;
            self.0.seen().begun += 1;
            turns().await; // the answer is on its way
            let inside = self.0.clone();
            Ok(Box::new(WatchedUpload { inside, upload }) as Box<dyn MultipartUpload>)
        })
    }

    fn get_opts<'a, 'b, 'c>(
        &'a self,
        location: &'b Path,
        options: GetOptions,
    ) -> BoxFuture<'c, Result<GetResult>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        self.0.objects.get_opts(location, options)
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.0.objects.delete_stream(locations).boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.0.objects.list(prefix)
    }

    fn list_with_delimiter<'a, 'b, 'c>(
        &'a self,
        prefix: Option<&'b Path>,
    ) -> BoxFuture<'c, Result<ListResult>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        self.0.objects.list_with_delimiter(prefix)
    }

    fn copy_opts<'a, 'b, 'c, 'd>(
        &'a self,
        from: &'b Path,
        to: &'c Path,
        options: CopyOptions,
    ) -> BoxFuture<'d, Result<()>>
    where
        'a: 'd,
        'b: 'd,
        'c: 'd,
        Self: 'd,
    {
        self.0.objects.copy_opts(from, to, options)
    }
}

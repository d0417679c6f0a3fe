//! An upload in parts.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use forwith::{OwnedExit, OwnedOutcome};
use object_store::{Error, MultipartUpload, PutPayload, PutResult, Result};
use tokio::sync::{Mutex, Semaphore};
use tokio::task::{JoinError, JoinSet};
use tokio::time::timeout;

use super::timed_out;

/// An upload in parts.
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`upload`](super::upload()).
///
/// | the body | the exit |
/// |---|---|
/// | completes | awaits all parts, and completes the upload: the object is there, and whole |
/// | fails, panics, or is cancelled | awaits the parts in flight, sends no other, and aborts |
/// | is dropped | does so in the [reaper](forwith::reaper) |
///
/// The wait and the abort are [bounded](super::BeginUpload::abort_limit). An upload is aborted
/// once.
///
/// It does not deref to the [`MultipartUpload`], whose parts may get lost.
///
/// # Errors
///
/// The error of the first part that failed, unless [`put`](Upload::put) has given it already; then
/// the exit fails, too, by an error of its own. Otherwise that of [`MultipartUpload::complete`]. In
/// each case the upload is aborted.
pub struct Upload {
    /// Nobody locks it; it makes this `Sync`.
    multipart: Mutex<Box<dyn MultipartUpload>>,
    parts: JoinSet<Result<()>>,
    /// The places of the parts in flight.
    room: Arc<Semaphore>,
    concurrency: usize,
    state: State,
    uploaded: Uploaded,
    limit: Duration,
}

/// What has become of the parts that have ended.
enum State {
    Stored,
    /// One of them was not stored, and nobody has been told.
    Failed(Error),
    /// The body knows that one of them was not stored.
    FailureTold,
}

impl Upload {
    pub(super) fn new(
        multipart: Box<dyn MultipartUpload>,
        concurrency: usize,
        limit: Duration,
    ) -> Self {
        Upload {
            multipart: Mutex::new(multipart),
            parts: JoinSet::new(),
            room: Arc::new(Semaphore::new(concurrency)),
            concurrency,
            state: State::Stored,
            uploaded: Uploaded::default(),
            limit,
        }
    }

    /// Adds a part, which is sent in a task of its own.
    ///
    /// The part is added by the call itself. Await the future for room: it is ready when there are
    /// fewer parts in memory than may be [sent at once](super::BeginUpload::concurrency).
    ///
    /// # Errors
    ///
    /// The error of a part that was added before. Then this one is not sent, nor is any later.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped, the part remains.
    pub fn put(&mut self, part: impl Into<PutPayload>) -> Put<'_> {
        while let Some(ended) = self.parts.try_join_next() {
            self.note(ended);
        }
        if let State::Stored = self.state {
            let part = self.multipart.get_mut().put_part(part.into());
            let room = self.room.clone();
            self.parts.spawn(async move {
                // Closed by an abort, behind which nobody asks for the parts.
                let Ok(_place) = room.acquire().await else {
                    return Ok(());
                };
                part.await
            });
        }
        Put { upload: self }
    }

    /// What the store says of the object. It is known when the block has ended.
    ///
    /// Give it as the value of the body, or keep it elsewhere.
    pub fn uploaded(&self) -> Uploaded {
        self.uploaded.clone()
    }

    fn note(&mut self, ended: Result<Result<()>, JoinError>) {
        if let (State::Stored, Err(error)) = (&self.state, ended.unwrap_or_else(|e| Err(e.into())))
        {
            self.state = State::Failed(error);
        }
    }

    fn expect_stored(&mut self) -> Result<()> {
        match std::mem::replace(&mut self.state, State::FailureTold) {
            State::Stored => {
                self.state = State::Stored;
                Ok(())
            }
            State::Failed(error) => Err(error),
            State::FailureTold => Err(own(io::Error::other(
                "a part of the upload was not stored, so nothing is",
            ))),
        }
    }

    async fn complete(&mut self) -> Result<PutResult> {
        loop {
            self.expect_stored()?;
            match self.parts.join_next().await {
                Some(ended) => self.note(ended),
                None => return self.multipart.get_mut().complete().await,
            }
        }
    }

    async fn abort(&mut self) -> Result<()> {
        self.room.close();
        let in_flight = async { while self.parts.join_next().await.is_some() {} };
        if timeout(self.limit, in_flight).await.is_err() {
            self.parts.abort_all();
        }
        timeout(self.limit, self.multipart.get_mut().abort())
            .await
            .unwrap_or_else(|_| Err(own(timed_out(self.limit))))
    }
}

fn own(source: io::Error) -> Error {
    Error::Generic {
        store: "forwith",
        source: source.into(),
    }
}

#[diagnostic::do_not_recommend]
impl OwnedExit for Upload {
    type Error = Error;

    async fn exit_owned(mut self, outcome: OwnedOutcome) -> Result<()> {
        if !outcome.is_completed() {
            return self.abort().await;
        }
        match self.complete().await {
            Ok(result) => {
                // The exit is the only one that sets it.
                drop(self.uploaded.0.set(result));
                Ok(())
            }
            Err(error) => {
                // The error of the upload is the one that counts.
                drop(self.abort().await);
                Err(error)
            }
        }
    }
}

/// A wait for room, from [`Upload::put`].
#[must_use = "without the wait for room, parts pile up in memory"]
pub struct Put<'u> {
    upload: &'u mut Upload,
}

impl Future for Put<'_> {
    type Output = Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let upload = &mut *self.upload;
        loop {
            upload.expect_stored()?;
            if upload.parts.len() < upload.concurrency {
                return Poll::Ready(Ok(()));
            }
            if let Some(ended) = ready!(upload.parts.poll_join_next(cx)) {
                upload.note(ended);
            }
        }
    }
}

/// The answer of the store to an upload, from [`Upload::uploaded`].
#[derive(Clone, Debug, Default)]
pub struct Uploaded(Arc<OnceLock<PutResult>>);

impl Uploaded {
    /// The tag and the version of the object, or `None` if it is not stored.
    ///
    /// An exit that goes on in the [reaper](forwith::reaper) sets it there.
    #[must_use]
    pub fn result(&self) -> Option<&PutResult> {
        self.0.get()
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload").finish_non_exhaustive()
    }
}

impl fmt::Debug for Put<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Put").finish_non_exhaustive()
    }
}

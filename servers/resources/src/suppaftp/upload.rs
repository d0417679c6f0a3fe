//! A file that is uploaded.

use std::fmt;
use std::mem;
use std::ops::{Deref, DerefMut};

use forwith::{AsyncEnter, AsyncExit, Handoff, Outcome, shield};
use suppaftp::tokio::{TokioTlsStream, TransferStream};
use suppaftp::{FtpError, FtpResult};
use tokio::time::timeout;

use super::HeldSession;
use super::session::timed_out;

/// Uploads a file in a session. What was there under this path is overwritten.
///
/// The body gets a [`LentUpload`], which derefs to a [`TransferStream`], and writes.
///
/// A file that is read while it is uploaded, or whose upload is lost with its connection, is short.
/// Where that matters, upload to another path, and rename it behind the block.
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::suppaftp::{HeldSession, upload};
/// use suppaftp::tokio::TokioTlsStream;
/// use suppaftp::{FtpError, FtpResult};
/// use tokio::io::AsyncWriteExt;
///
/// async fn put<T>(session: &mut HeldSession<T>, bytes: &[u8]) -> FtpResult<()>
/// where
///     T: TokioTlsStream + Send + Sync + 'static,
/// {
///     async_with!(upload(session, "a.part") as file, {
///         file.write_all(bytes).await.map_err(FtpError::ConnectionError)?;
///     })?;
///     session.call(async |ftp| ftp.rename("a.part", "a").await).await
/// }
/// ```
///
/// # Errors
///
/// Those of [`HeldSession::call`]. The enter, too, is bounded by the
/// [limit](super::OpenSession::limit) of the session.
///
/// # Cancel safety
///
/// A scope that is cancelled awaits the server's reply, and then deletes the file. If the future is
/// dropped meanwhile, or the limit is over, the session is closed, and an empty file may be there.
pub fn upload<T>(session: &mut HeldSession<T>, path: impl Into<String>) -> StartUpload<'_, T>
where
    T: TokioTlsStream + Send + Sync + 'static,
{
    StartUpload {
        session,
        path: path.into(),
    }
}

/// An enter of an upload, from [`upload`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct StartUpload<'a, T: TokioTlsStream + Send + Sync> {
    session: &'a mut HeldSession<T>,
    path: String,
}

#[diagnostic::do_not_recommend]
impl<'a, T: TokioTlsStream + Send + Sync + 'static> AsyncEnter for StartUpload<'a, T> {
    type Resource = LentUpload<'a, T>;

    async fn enter(self) -> FtpResult<LentUpload<'a, T>> {
        let StartUpload { session, path } = self;
        let limit = session.limit;
        let start = session.call(async |ftp| ftp.put_with_stream(&path).await);
        let started = shield(timeout(limit, start)).await;
        let transfer = started.unwrap_or_else(|_| Err(timed_out()))?;
        Ok(LentUpload {
            session,
            transfer: Some(transfer),
            path,
        })
    }
}

/// A file that is uploaded. It derefs to the [`TransferStream`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`upload`].
///
/// | the body | the exit |
/// |---|---|
/// | completes | finishes the upload, and awaits that the server says so |
/// | fails, panics, or is cancelled | ends the upload, and deletes the short file |
/// | is dropped | ends the upload; the exit of the session deletes the short file |
///
/// It is bounded by the [limit](super::OpenSession::limit) of the session, which is closed then.
///
/// # Errors
///
/// The error of the server, if it does not take the file. What it has of it is deleted.
pub struct LentUpload<'a, T: TokioTlsStream + Send + Sync> {
    session: &'a mut HeldSession<T>,
    /// `None` once the exit has begun.
    transfer: Option<TransferStream<T>>,
    path: String,
}

impl<T: TokioTlsStream + Send + Sync + 'static> LentUpload<'_, T> {
    async fn finish(&mut self, transfer: TransferStream<T>) -> FtpResult<()> {
        let finish = self.session.whole(async |_| transfer.finish().await);
        let finished = finish.await;
        if finished.is_err() {
            self.session.short.push(mem::take(&mut self.path));
            // The error of the upload is the one that counts.
            drop(self.session.delete_short().await);
        }
        finished
    }
}

#[diagnostic::do_not_recommend]
impl<T: TokioTlsStream + Send + Sync + 'static> AsyncExit for LentUpload<'_, T> {
    type Error = FtpError;

    async fn exit(mut self, outcome: Outcome<'_>) -> FtpResult<()> {
        let limit = self.session.limit;
        match self.transfer.take() {
            Some(transfer) if outcome.is_completed() => {
                let finished = timeout(limit, self.finish(transfer)).await;
                finished.unwrap_or_else(|_| Err(timed_out()))
            }
            transfer => {
                drop(transfer); // the next command reads the reply to it
                self.session.short.push(mem::take(&mut self.path));
                let deleted = timeout(limit, self.session.delete_short()).await;
                deleted.unwrap_or_else(|_| Err(timed_out()))
            }
        }
    }

    fn abandon(self, _: Handoff<'_>) {
        drop(self); // the exit of the session deletes the file
    }
}

impl<T: TokioTlsStream + Send + Sync> Drop for LentUpload<'_, T> {
    fn drop(&mut self) {
        if self.transfer.take().is_some() {
            self.session.short.push(mem::take(&mut self.path));
        }
    }
}

impl<T: TokioTlsStream + Send + Sync> Deref for LentUpload<'_, T> {
    type Target = TransferStream<T>;

    fn deref(&self) -> &TransferStream<T> {
        self.transfer.as_ref().expect("held until the exit")
    }
}

impl<T: TokioTlsStream + Send + Sync> DerefMut for LentUpload<'_, T> {
    fn deref_mut(&mut self) -> &mut TransferStream<T> {
        self.transfer.as_mut().expect("held until the exit")
    }
}

impl<T: TokioTlsStream + Send + Sync> fmt::Debug for StartUpload<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StartUpload")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl<T: TokioTlsStream + Send + Sync> fmt::Debug for LentUpload<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LentUpload")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

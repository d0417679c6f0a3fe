//! A stream on which one sends.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use quinn::{ConnectionError, SendStream, VarInt, WriteError};
use tokio::time::timeout;

/// How long an exit waits for the peer, unless it is told otherwise.
pub(super) const FINISH_LIMIT: Duration = Duration::from_secs(10);

/// What a peer gets in place of a clean end, unless it is told otherwise.
pub(super) const RESET_CODE: VarInt = VarInt::from_u32(1);

/// Opens a stream on which you send.
///
/// `open` is a call of [`Connection::open_uni`](::quinn::Connection::open_uni), or any other future
/// that gives a [`SendStream`]. The body gets a [`HeldSendStream`], which derefs to it.
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::quinn::send_stream;
/// use quinn::{Connection, VarInt, WriteError};
///
/// async fn upload(connection: &Connection, file: &[u8]) -> Result<(), WriteError> {
///     let stream = send_stream(connection.open_uni()).reset_code(VarInt::from_u32(7));
///     async_with!(stream as stream, { stream.write_all(file).await? })
/// }
/// ```
///
/// # Errors
///
/// Those of `open`.
///
/// # Cancel safety
///
/// As safe as `open` is. [`open_uni`](::quinn::Connection::open_uni) may be dropped.
pub fn send_stream<F>(open: F) -> OpenSendStream<F>
where
    F: Future<Output = Result<SendStream, ConnectionError>>,
{
    OpenSendStream {
        open,
        limit: FINISH_LIMIT,
        code: RESET_CODE,
    }
}

/// An enter of a stream, from [`send_stream`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct OpenSendStream<F> {
    open: F,
    limit: Duration,
    code: VarInt,
}

impl<F> OpenSendStream<F> {
    /// Bounds the exit; otherwise that is 10 seconds. When the time is over, the stream is reset.
    /// The peer may have had everything by then.
    pub fn finish_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Tells the peer this code if the body does not complete; otherwise that is 1.
    pub fn reset_code(mut self, code: VarInt) -> Self {
        self.code = code;
        self
    }

    async fn open(self) -> Result<HeldSendStream, WriteError>
    where
        F: Future<Output = Result<SendStream, ConnectionError>>,
    {
        let stream = self.open.await?;
        Ok(HeldSendStream::new(stream, self.limit, self.code))
    }
}

#[diagnostic::do_not_recommend]
impl<F> AsyncEnter for OpenSendStream<F>
where
    F: Future<Output = Result<SendStream, ConnectionError>>,
{
    type Resource = HeldSendStream;

    fn enter(self) -> impl Future<Output = Result<HeldSendStream, WriteError>> {
        self.open()
    }
}

#[diagnostic::do_not_recommend]
impl<F> OwnedEnter for OpenSendStream<F>
where
    F: Future<Output = Result<SendStream, ConnectionError>> + Send + 'static,
{
    fn enter_owned(
        self,
    ) -> impl Future<Output = Result<HeldSendStream, WriteError>> + Send + 'static {
        self.open()
    }
}

/// A stream on which one sends. It derefs to the [`SendStream`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`send_stream`].
///
/// | the body | the exit |
/// |---|---|
/// | completes | finishes the stream, and awaits that the peer has acknowledged it |
/// | fails, panics, or is cancelled | resets the stream |
/// | is dropped | resets the stream, with a reaper or without |
///
/// # Errors
///
/// An exit behind a body that has completed fails, since the peer may not have everything:
/// - with [`WriteError::Stopped`] if the peer stops the stream before,
/// - with [`WriteError::ConnectionLost`] if the connection is lost or closed before. It is
///   [`ConnectionError::TimedOut`], too, if the exit's own
///   [limit](OpenSendStream::finish_limit) is over.
pub struct HeldSendStream {
    stream: SendStream,
    limit: Duration,
    code: VarInt,
}

impl HeldSendStream {
    pub(super) fn new(stream: SendStream, limit: Duration, code: VarInt) -> Self {
        HeldSendStream {
            stream,
            limit,
            code,
        }
    }

    /// Finishes the stream. When this is cut, the drop resets it.
    pub(super) async fn finish_whole(&mut self) -> Result<(), WriteError> {
        drop(self.stream.finish()); // it fails if the body has done so
        match timeout(self.limit, self.stream.stopped()).await {
            Ok(Ok(None)) => Ok(()),
            Ok(Ok(Some(code))) => Err(WriteError::Stopped(code)),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(ConnectionError::TimedOut.into()),
        }
    }
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldSendStream {
    type Error = WriteError;

    async fn exit_owned(mut self, outcome: OwnedOutcome) -> Result<(), WriteError> {
        if outcome.is_completed() {
            return self.finish_whole().await;
        }
        Ok(()) // the drop resets it
    }
}

impl Drop for HeldSendStream {
    fn drop(&mut self) {
        // It fails, and does nothing, once the peer has acknowledged the end.
        drop(self.stream.reset(self.code));
    }
}

impl Deref for HeldSendStream {
    type Target = SendStream;

    fn deref(&self) -> &SendStream {
        &self.stream
    }
}

impl DerefMut for HeldSendStream {
    fn deref_mut(&mut self) -> &mut SendStream {
        &mut self.stream
    }
}

impl<F> fmt::Debug for OpenSendStream<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenSendStream").finish_non_exhaustive()
    }
}

impl fmt::Debug for HeldSendStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeldSendStream").field(&self.stream).finish()
    }
}

//! A stream in both directions.

use std::fmt;
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use quinn::{ConnectionError, RecvStream, SendStream, VarInt, WriteError};

use super::send::{FINISH_LIMIT, HeldSendStream, RESET_CODE};

type Pair = (SendStream, RecvStream);

/// Opens or accepts a stream in both directions.
///
/// `open` is a call of [`Connection::open_bi`](::quinn::Connection::open_bi) or of
/// [`Connection::accept_bi`](::quinn::Connection::accept_bi). The body gets a [`HeldBiStream`],
/// which has the two directions.
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::quinn::bi_stream;
/// use quinn::Connection;
/// use std::io;
///
/// async fn ask(connection: &Connection, question: &[u8]) -> io::Result<Vec<u8>> {
///     Ok(async_with!(bi_stream(connection.open_bi()) as stream, {
///         stream.send.write_all(question).await?;
///         stream.send.finish()?;
///         stream.recv.read_to_end(1 << 20).await.map_err(io::Error::other)?
///     })?)
/// }
/// ```
///
/// # Errors
///
/// Those of `open`.
///
/// # Cancel safety
///
/// As safe as `open` is. Both of these may be dropped.
pub fn bi_stream<F>(open: F) -> OpenBiStream<F>
where
    F: Future<Output = Result<Pair, ConnectionError>>,
{
    OpenBiStream {
        open,
        limit: FINISH_LIMIT,
        code: RESET_CODE,
    }
}

/// An enter of a stream, from [`bi_stream`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct OpenBiStream<F> {
    open: F,
    limit: Duration,
    code: VarInt,
}

impl<F> OpenBiStream<F> {
    /// Bounds the exit; otherwise that is 10 seconds. When the time is over, the stream is reset.
    pub fn finish_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Tells the peer this code if the body does not complete; otherwise that is 1.
    pub fn reset_code(mut self, code: VarInt) -> Self {
        self.code = code;
        self
    }

    async fn open(self) -> Result<HeldBiStream, WriteError>
    where
        F: Future<Output = Result<Pair, ConnectionError>>,
    {
        let (send, recv) = self.open.await?;
        Ok(HeldBiStream {
            send: HeldSendStream::new(send, self.limit, self.code),
            recv,
        })
    }
}

#[diagnostic::do_not_recommend]
impl<F> AsyncEnter for OpenBiStream<F>
where
    F: Future<Output = Result<Pair, ConnectionError>>,
{
    type Resource = HeldBiStream;

    fn enter(self) -> impl Future<Output = Result<HeldBiStream, WriteError>> {
        self.open()
    }
}

#[diagnostic::do_not_recommend]
impl<F> OwnedEnter for OpenBiStream<F>
where
    F: Future<Output = Result<Pair, ConnectionError>> + Send + 'static,
{
    fn enter_owned(
        self,
    ) -> impl Future<Output = Result<HeldBiStream, WriteError>> + Send + 'static {
        self.open()
    }
}

/// A stream in both directions.
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`bi_stream`].
///
/// What is sent ends as that of a [`HeldSendStream`] does. What is received is stopped with code 0
/// if it was not read to its end: the library does so when it is dropped.
#[derive(Debug)]
pub struct HeldBiStream {
    /// The direction in which one sends.
    pub send: HeldSendStream,
    /// The direction in which one receives.
    pub recv: RecvStream,
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldBiStream {
    type Error = WriteError;

    async fn exit_owned(self, outcome: OwnedOutcome) -> Result<(), WriteError> {
        self.send.exit_owned(outcome).await
    }
}

impl<F> fmt::Debug for OpenBiStream<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenBiStream").finish_non_exhaustive()
    }
}

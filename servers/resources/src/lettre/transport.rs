//! A transport, whose sends are not cut.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use lettre::{AsyncSmtpTransport, Tokio1Executor};

use super::{Error, Mailer};

/// How long an exit waits for the sends, unless it is told otherwise.
const SEND_LIMIT: Duration = Duration::from_secs(30);

/// Makes a transport a resource: its sends go on in tasks, and the exit awaits them and closes its
/// connections.
///
/// The body gets a [`HeldTransport`], which derefs to a [`Mailer`]. Clones of that may go into
/// tasks. Nothing is connected before the first mail.
///
/// Do not send on a clone of the transport itself: the exit shuts the pool of both down.
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::lettre::{Error, transport};
/// use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
/// use std::time::Duration;
///
/// async fn tell(smtp: AsyncSmtpTransport<Tokio1Executor>, mail: Message) -> Result<bool, Error> {
///     async_with!(transport(smtp) as mailer, {
///         // A mail that takes longer is sent all the same.
///         match tokio::time::timeout(Duration::from_secs(2), mailer.send(mail)).await {
///             Ok(sent) => sent?.is_positive(),
///             Err(_) => false,
///         }
///     })
/// }
/// ```
///
/// # Errors
///
/// The enter has none.
///
/// # Cancel safety
///
/// It does not wait.
pub fn transport(transport: AsyncSmtpTransport<Tokio1Executor>) -> OpenTransport {
    OpenTransport {
        transport,
        limit: SEND_LIMIT,
    }
}

/// An enter of a transport, from [`transport`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct OpenTransport {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    limit: Duration,
}

impl OpenTransport {
    /// Bounds how long the exit waits for the sends; otherwise that is 30 seconds.
    ///
    /// The library itself waits without end for a server that does not answer. When the time is
    /// over, the pool is shut down, and the sends are given up.
    pub fn send_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    fn open(self) -> HeldTransport {
        HeldTransport {
            mailer: Mailer::new(self.transport),
            limit: self.limit,
        }
    }
}

#[diagnostic::do_not_recommend]
impl AsyncEnter for OpenTransport {
    type Resource = HeldTransport;

    async fn enter(self) -> Result<HeldTransport, Error> {
        Ok(self.open())
    }
}

#[diagnostic::do_not_recommend]
impl OwnedEnter for OpenTransport {
    async fn enter_owned(self) -> Result<HeldTransport, Error> {
        Ok(self.open())
    }
}

/// A transport, whose sends are not cut. It derefs to a [`Mailer`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`transport`].
///
/// | the body | the exit |
/// |---|---|
/// | ends in any way | awaits the sends that have begun, and closes the connections |
/// | is dropped | does so in the [reaper](forwith::reaper) |
///
/// It is [bounded](OpenTransport::send_limit). Without a reaper the sends go on as long as the
/// runtime runs.
///
/// # Errors
///
/// - The first error of a send for which nobody has waited to the end.
/// - [`Error::Unanswered`] of those that are given up.
pub struct HeldTransport {
    mailer: Mailer,
    limit: Duration,
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldTransport {
    type Error = Error;

    async fn exit_owned(self, _: OwnedOutcome) -> Result<(), Error> {
        self.mailer.close(self.limit).await
    }
}

impl Deref for HeldTransport {
    type Target = Mailer;

    fn deref(&self) -> &Mailer {
        &self.mailer
    }
}

impl fmt::Debug for OpenTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenTransport").finish_non_exhaustive()
    }
}

impl fmt::Debug for HeldTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldTransport").finish_non_exhaustive()
    }
}

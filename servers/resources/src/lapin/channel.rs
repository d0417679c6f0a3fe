//! A channel.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use lapin::{Channel, Connection, Error};

use super::owned::{CLOSE_LIMIT, Owned};

/// Opens a channel, and closes it when the body has ended.
///
/// The body gets a [`HeldChannel`], which derefs to the [`Channel`].
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::lapin::channel;
/// use lapin::{Connection, Error};
///
/// async fn declare(connection: &Connection) -> Result<(), Error> {
///     async_with!(channel(connection) as channel, {
///         channel.queue_declare("jobs".into(), Default::default(), Default::default()).await?;
///     })
/// }
/// ```
///
/// # Errors
///
/// Those of [`Connection::create_channel`].
///
/// # Cancel safety
///
/// It may be cancelled or dropped, and lapin closes the channel.
pub fn channel(connection: &Connection) -> OpenChannel<'_> {
    OpenChannel {
        connection,
        limit: CLOSE_LIMIT,
    }
}

/// An enter of a channel, from [`channel`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct OpenChannel<'c> {
    connection: &'c Connection,
    limit: Duration,
}

impl OpenChannel<'_> {
    /// Bounds the exit; otherwise that is 5 seconds.
    pub fn close_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}

#[diagnostic::do_not_recommend]
impl AsyncEnter for OpenChannel<'_> {
    type Resource = HeldChannel;

    async fn enter(self) -> Result<HeldChannel, Error> {
        let owned = Owned::open(self.connection, self.limit).await?;
        Ok(HeldChannel { owned })
    }
}

/// A channel that is closed when its block ends. It derefs to the [`Channel`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`channel`].
///
/// | the body | the exit |
/// |---|---|
/// | completes, fails, panics, or is cancelled | closes the channel, and awaits the answer |
/// | is dropped | does so in the [reaper](forwith::reaper) |
///
/// Behind the exit the consumers of the channel are gone, and messages that they have not
/// acknowledged are ready again. Those of a `basic_get` are so a moment later, when their queue
/// notes the end of the channel, also if the call was dropped before it was ready. A clone of the
/// channel is of no use any more.
///
/// The exit is [bounded](OpenChannel::close_limit). Without a reaper the close is sent, and nobody
/// awaits the answer.
///
/// # Errors
///
/// Behind a body that has completed, a channel that was closed before is an error: the server
/// closes one on which something has failed, such as a publication to an exchange that there is
/// not, and no call may have said so. If the server's close arrives only now, the error is its
/// reason.
///
/// A channel that is not closed within the bound is always an error.
pub struct HeldChannel {
    owned: Owned,
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldChannel {
    type Error = Error;

    async fn exit_owned(self, outcome: OwnedOutcome) -> Result<(), Error> {
        self.owned.close(&outcome).await
    }
}

impl Deref for HeldChannel {
    type Target = Channel;

    fn deref(&self) -> &Channel {
        &self.owned.channel
    }
}

impl fmt::Debug for OpenChannel<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenChannel").finish_non_exhaustive()
    }
}

impl fmt::Debug for HeldChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeldChannel")
            .field(&self.owned.channel)
            .finish()
    }
}

//! A channel that is closed however its owner ends.

use std::io;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use forwith::OwnedOutcome;
use lapin::options::ChannelFlowOptions;
use lapin::{Channel, Connection, ConnectionState, Error, ErrorKind};
use tokio::time::timeout;

/// How long an exit waits for the server, unless it is told otherwise.
pub(super) const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// The reply code of a close without an error.
const SUCCESS: u16 = 200;

/// A channel. When it is dropped, the server is told to close it.
pub(super) struct Owned {
    pub(super) channel: Channel,
    limit: Duration,
}

impl Owned {
    pub(super) async fn open(connection: &Connection, limit: Duration) -> Result<Owned, Error> {
        let channel = while_alive(connection, connection.create_channel()).await?;
        Ok(Owned { channel, limit })
    }

    /// Closes the channel, and awaits the answer, within the time limit.
    ///
    /// If the channel is gone already, that is an error only behind a body that has completed.
    pub(super) async fn close(self, outcome: &OwnedOutcome) -> Result<(), Error> {
        match timeout(self.limit, close(&self.channel)).await {
            Ok(Err(_)) if !outcome.is_completed() => Ok(()),
            Ok(closed) => closed,
            Err(_) => Err(timed_out("the channel", self.limit)),
        }
    }
}

/// Awaits a call of a connection. lapin forgets one that comes just when the connection breaks.
pub(super) async fn while_alive<T>(
    connection: &Connection,
    call: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let mut call = pin!(call);
    loop {
        if let Ok(called) = timeout(LOOK, call.as_mut()).await {
            return called;
        }
        if connection.status().errored() {
            let kind = ErrorKind::InvalidConnectionState(ConnectionState::Error);
            return Err(kind.into());
        }
    }
}

/// How often the state of a connection is looked at. lapin tells a change to one listener alone, so
/// that one in here would take it from others.
pub(super) const LOOK: Duration = Duration::from_millis(20);

/// Closes a channel, also one that lapin is about to recover.
pub(super) async fn close(channel: &Channel) -> Result<(), Error> {
    loop {
        let closed = async {
            // A close that crosses one of the server's breaks the connection. Behind an answer
            // there is nothing left for which the server could close the channel.
            settle(channel).await?;
            channel.close(SUCCESS, "OK".into()).await
        };
        let Err(error) = closed.await else {
            return Ok(());
        };
        channel.wait_for_recovery(error).await?;
    }
}

/// Waits until the server has handled all that was sent on a channel.
pub(super) async fn settle(channel: &Channel) -> Result<(), Error> {
    let flow = ChannelFlowOptions { active: true }; // as it is
    channel.channel_flow(flow).await.map(drop)
}

pub(super) fn timed_out(what: &str, limit: Duration) -> Error {
    let message = format!("the server has not answered for {what} within {limit:?}");
    io::Error::new(io::ErrorKind::TimedOut, message).into()
}

/// Polls a call of lapin once, which is enough to send it. Nobody waits for the answer.
pub(super) fn start<T>(call: impl Future<Output = T>) {
    let _ = pin!(call).poll(&mut Context::from_waker(Waker::noop()));
}

impl Drop for Owned {
    fn drop(&mut self) {
        // lapin's own destructor keeps a channel open on which a consumer is registered. One that
        // is closed already stays so.
        start(self.channel.close(SUCCESS, "OK".into()));
    }
}

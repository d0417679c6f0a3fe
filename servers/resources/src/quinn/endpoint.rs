//! An endpoint, whose peers are told that it ends.

use std::fmt;
use std::io;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use quinn::{Endpoint, VarInt};
use tokio::time::timeout;

/// How long an exit waits for the connections, unless it is told otherwise.
const IDLE_LIMIT: Duration = Duration::from_secs(5);

/// Makes an endpoint a resource, whose exit closes its connections and awaits that their peers are
/// told. It is meant for the outermost block.
///
/// The body gets a [`HeldEndpoint`], which derefs to the [`Endpoint`].
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::quinn::{connection, endpoint};
/// use quinn::{Endpoint, ServerConfig};
/// use std::io;
///
/// async fn serve_one(config: ServerConfig) -> io::Result<()> {
///     let server = Endpoint::server(config, ([127, 0, 0, 1], 4433).into())?;
///     async_with!(endpoint(server) as endpoint, {
///         if let Some(incoming) = endpoint.accept().await {
///             async_with!(connection(incoming.accept()?) as connection, {
///                 println!("{} is here", connection.remote_address());
///             })?;
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
pub fn endpoint(endpoint: Endpoint) -> OpenEndpoint {
    OpenEndpoint {
        endpoint,
        limit: IDLE_LIMIT,
    }
}

/// An enter of an endpoint, from [`endpoint`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct OpenEndpoint {
    endpoint: Endpoint,
    limit: Duration,
}

impl OpenEndpoint {
    /// Bounds the exit; otherwise that is 5 seconds.
    pub fn idle_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    fn open(self) -> HeldEndpoint {
        HeldEndpoint {
            endpoint: self.endpoint,
            limit: self.limit,
        }
    }
}

#[diagnostic::do_not_recommend]
impl AsyncEnter for OpenEndpoint {
    type Resource = HeldEndpoint;

    async fn enter(self) -> io::Result<HeldEndpoint> {
        Ok(self.open())
    }
}

#[diagnostic::do_not_recommend]
impl OwnedEnter for OpenEndpoint {
    async fn enter_owned(self) -> io::Result<HeldEndpoint> {
        Ok(self.open())
    }
}

/// An endpoint, whose peers are told that it ends. It derefs to the [`Endpoint`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`endpoint`].
///
/// However the body ends, the exit closes the connections that are still open, with code 0 behind
/// a body that has completed and 1 behind any other, and lets no other begin. Then it awaits that
/// all have ended, within its [limit](OpenEndpoint::idle_limit). When the future is dropped, the
/// [reaper](forwith::reaper) does so.
///
/// Clones of the endpoint are closed with it.
///
/// # Errors
///
/// The exit fails with [`io::ErrorKind::TimedOut`] when its limit is over. Then a peer that was not
/// told waits for its own idle timeout.
pub struct HeldEndpoint {
    endpoint: Endpoint,
    limit: Duration,
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldEndpoint {
    type Error = io::Error;

    async fn exit_owned(self, outcome: OwnedOutcome) -> io::Result<()> {
        let HeldEndpoint { endpoint, limit } = self;
        let code = VarInt::from_u32(u32::from(!outcome.is_completed()));
        endpoint.close(code, &[]);
        timeout(limit, endpoint.wait_idle()).await.map_err(|_| {
            let message = format!(
                "{} connections have not ended after {limit:?}",
                endpoint.open_connections()
            );
            io::Error::new(io::ErrorKind::TimedOut, message)
        })
    }
}

impl Deref for HeldEndpoint {
    type Target = Endpoint;

    fn deref(&self) -> &Endpoint {
        &self.endpoint
    }
}

impl DerefMut for HeldEndpoint {
    fn deref_mut(&mut self) -> &mut Endpoint {
        &mut self.endpoint
    }
}

impl fmt::Debug for OpenEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenEndpoint").finish_non_exhaustive()
    }
}

impl fmt::Debug for HeldEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldEndpoint").finish_non_exhaustive()
    }
}

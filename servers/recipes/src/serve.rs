//! A server of axum that runs while a body does.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use forwith::async_with;
use forwith::resource::exit_with;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// Runs work beside a server, whose address it gets. Behind it the server has answered what it was
/// asked, or the error says that it had not within the limit, and was stopped.
///
/// # Errors
///
/// Those of the listener and of the work.
pub async fn beside<T>(
    app: Router,
    limit: Duration,
    work: impl AsyncFnOnce(SocketAddr) -> Result<T>,
) -> Result<T> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let serve = axum::serve(listener, app).with_graceful_shutdown(async { drop(stopped.await) });
    let serve = tokio::spawn(serve.into_future());
    let server = exit_with(serve, async move |mut serve, _| {
        drop(stop);
        let served = timeout(limit, &mut serve).await;
        serve.abort();
        served
            .map_err(|_| Error::from(ErrorKind::TimedOut))?
            .map_err(Error::other)?
    });

    async_with!(server, { work(address).await? })
}

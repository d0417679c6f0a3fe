//! A client of Redis that is fred's.

use std::time::Duration;

use forwith::{ExitWith, async_with};
use fred::prelude::{Client, ClientLike, Config, Error, KeysInterface};
use tokio::time::timeout;

/// Stores pairs.
///
/// # Errors
///
/// Those of the client.
pub async fn store(config: Config, pairs: &[(&str, &str)]) -> Result<(), Error> {
    let connect = async {
        let client = Client::new(config, None, None, None);
        client.init().await?;
        Ok(client)
    };
    // A client without a connection may wait for an answer without end, so the goodbye is bounded.
    let connect = connect.exit_with(async |client: Client, _| {
        let quit = timeout(Duration::from_secs(5), client.quit()).await;
        quit.unwrap_or_else(|_| Err(Error::new(fred::error::ErrorKind::Timeout, "QUIT")))
    });

    async_with!(connect as client, {
        for &(key, value) in pairs {
            let () = client.set(key, value, None, None, false).await?;
        }
    })
}

//! A lock on a file, between processes.

use std::fs::File;
use std::io::{Error, Result};
use std::path::PathBuf;

use forwith::{AsyncEnterExt, ExitWith, async_with};
use tokio::task::spawn_blocking;

/// Runs work while no other process does. The wait blocks a thread of its own. If it is given up,
/// the lock that comes later is released at once.
///
/// # Errors
///
/// Those of the file and of the work.
pub async fn alone<T>(path: PathBuf, work: impl AsyncFnOnce() -> Result<T>) -> Result<T> {
    let lock = async || {
        let lock = move || {
            let file = File::create(path)?;
            file.lock()?;
            Ok(file)
        };
        spawn_blocking(lock).await.map_err(Error::other)?
    };
    let lock = async move { lock().await }
        .exit_with(async |file, _| file.unlock())
        .outliving();

    async_with!(lock, { work().await? })
}

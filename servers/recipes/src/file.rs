//! A file of async-fs, which holds bytes back until it is flushed.

use std::io::Result;
use std::path::Path;

use async_fs::File;
use forwith::{ExitWith, async_with};
use futures::AsyncWriteExt;

/// Writes a text. Behind it the text is on the disk, or the error says why not.
///
/// # Errors
///
/// Those of the file.
pub async fn store(path: &Path, text: &str) -> Result<()> {
    let create = File::create(path).exit_with(async |mut file, outcome| {
        file.flush().await?;
        if outcome.is_completed() {
            file.sync_all().await?;
        }
        Ok(())
    });

    async_with!(create as file, { file.write_all(text.as_bytes()).await? })
}

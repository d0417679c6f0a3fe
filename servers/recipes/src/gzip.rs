//! A compressed file.

use std::io::Result;
use std::path::Path;

use async_compression::tokio::write::GzipEncoder;
use forwith::{ExitWith, async_with};
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncWriteExt};

/// Compresses all bytes. If that fails midway, the file has no valid end, so a reader sees that it
/// is not whole.
///
/// # Errors
///
/// Those of the reader and of the file.
pub async fn compress(mut from: impl AsyncRead + Unpin, to: &Path) -> Result<()> {
    let create = async { Ok(GzipEncoder::new(File::create(to).await?)) };
    let create = create.exit_with(async |mut gzip, outcome| {
        if outcome.is_completed() {
            gzip.shutdown().await?;
        }
        Ok(())
    });

    async_with!(create as gzip, {
        tokio::io::copy(&mut from, gzip).await?;
    })
}

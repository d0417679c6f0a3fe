//! An archive in the format of tar.

use std::io::Result;
use std::path::Path;

use forwith::{ExitWith, async_with};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use tokio_tar::Builder;

/// Packs files. If that fails midway, the archive has no end, so a reader sees that it is not
/// whole.
///
/// # Errors
///
/// Those of the files.
pub async fn pack(archive: &Path, files: &[&Path]) -> Result<()> {
    let create = async { Ok(Builder::new(File::create(archive).await?)) };
    let create = create.exit_with(async |builder, outcome| {
        if outcome.is_completed() {
            builder.into_inner().await?.flush().await?;
        }
        Ok(())
    });

    async_with!(create as tar, {
        for file in files {
            let name = file.file_name().unwrap_or_default();
            tar.append_path_with_name(file, name).await?;
        }
    })
}

//! An archive in the format of ZIP, and entries that are written piece by piece.

use std::path::Path;

use async_zip::error::{Result, ZipError};
use async_zip::tokio::write::ZipFileWriter;
use async_zip::{Compression, ZipEntryBuilder};
use forwith::{ExitWith, async_with};
use futures::AsyncWriteExt;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

/// Packs entries. An archive whose body fails is left without a directory, so nobody takes it for
/// whole.
///
/// # Errors
///
/// Those of the file and of the format.
pub async fn pack(archive: &Path, entries: &[(&str, &[u8])]) -> Result<()> {
    let create = async { Ok(ZipFileWriter::with_tokio(File::create(archive).await?)) };
    let create = create.exit_with(async |zip, outcome| {
        if outcome.is_completed() {
            let mut file = zip.close().await?.into_inner();
            file.flush().await.map_err(ZipError::UpstreamReadError)?;
        }
        Ok(())
    });

    async_with!(create as zip, {
        for (name, bytes) in entries {
            let entry = ZipEntryBuilder::new((*name).into(), Compression::Stored);
            // The entry borrows the archive.
            let begin = zip.write_entry_stream(entry);
            let begin = begin.exit_borrowing(async |entry, _| entry.close().await);
            async_with!(begin as entry, {
                let written = entry.write_all(bytes).await;
                written.map_err(ZipError::UpstreamReadError)?;
            })?;
        }
    })
}

//! Lines of a CSV file.

use std::path::Path;

use csv_async::{AsyncWriter, Result};
use forwith::{ExitWith, async_with};
use tokio::fs::File;

/// Writes lines. Behind it they are in the file, or the error says why not.
///
/// # Errors
///
/// Those of the file.
pub async fn store(path: &Path, lines: &[[&str; 2]]) -> Result<()> {
    let open = async { Ok(AsyncWriter::from_writer(File::create(path).await?)) };
    let open = open.exit_with(async |mut csv, _| Ok(csv.flush().await?));

    async_with!(open as csv, {
        for line in lines {
            csv.write_record(line).await?;
        }
    })
}

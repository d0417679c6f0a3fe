//! The contents of a report.

use std::fmt;
use std::fs;
use std::path::Path;

use super::chart::Chart;
use super::markdown;
use crate::counts::Counts;
use crate::table::Table;

/// The contents of a report.
pub struct Results {
    /// Medians of nanoseconds, and of bytes.
    pub times: Table,
    pub rounds: usize,
    pub counts: Option<Counts>,
    /// A sentence about each executor that is not in it.
    pub missing: Vec<String>,
}

impl Results {
    /// Writes the page and the picture, into the package's folder.
    pub fn write(&self) -> Result<(), String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        write(&folder.join("results.md"), self)?;
        write(&folder.join("results.svg"), &Chart(&self.times))
    }
}

impl fmt::Display for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        markdown::write(self, f)
    }
}

fn write(file: &Path, text: &impl fmt::Display) -> Result<(), String> {
    fs::write(file, text.to_string()).map_err(|error| format!("{}: {error}", file.display()))
}

//! Entries as lines.

use std::fmt::Write;
use std::mem;

use bytes::Bytes;

use super::sql::Entry;

/// How much is collected before it is sent.
const PAGE: usize = 8 * 1024;

/// Collects lines to pages.
pub struct Pages {
    text: String,
}

impl Default for Pages {
    fn default() -> Self {
        Self::new()
    }
}

impl Pages {
    /// Begins with the line of the names.
    #[must_use]
    pub fn new() -> Self {
        Pages {
            text: "entry,from,to,cents\n".into(),
        }
    }

    /// Adds an entry, and gives the page if it is full.
    #[must_use]
    pub fn add(&mut self, (entry, from, to, cents): Entry) -> Option<Bytes> {
        writeln!(self.text, "{entry},{from},{to},{cents}").expect("memory is no disk");
        (self.text.len() >= PAGE).then(|| self.take())
    }

    /// Gives what has been collected.
    #[must_use]
    pub fn take(&mut self) -> Bytes {
        mem::take(&mut self.text).into()
    }
}

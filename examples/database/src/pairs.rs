//! The file of key–value pairs.

use std::collections::HashSet;
use std::path::Path;

use crate::error::Error;

/// The pairs that are stored if no other file is named.
pub const ANIMALS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/animals.txt");

/// A key and its value.
pub type Pair = (String, String);

/// Reads all pairs before any is stored, so that a mistake in the last line leaves nothing
/// half-stored.
///
/// # Errors
///
/// A sentence that names the file, and the line if that is at fault.
pub fn read(file: &Path) -> Result<Vec<Pair>, Error> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Error::new(format!("cannot read `{}`: {error}", file.display())))?;
    let in_file = |error| Error::new(format!("{}: {error}", file.display()));
    // Some editors begin a file with a byte order mark.
    parse(text.trim_start_matches('\u{feff}')).map_err(in_file)
}

fn parse(text: &str) -> Result<Vec<Pair>, String> {
    let mut keys = HashSet::new();
    let mut pairs = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| has_pair(line)) {
        let (key, value) = pair(at + 1, line)?;
        if !keys.insert(key) {
            return Err(format!(
                "line {} has the key `{key}` for the second time",
                at + 1
            ));
        }
        pairs.push((key.to_owned(), value.to_owned()));
    }
    Ok(pairs)
}

fn has_pair(line: &str) -> bool {
    let line = line.trim_start();
    !line.is_empty() && !line.starts_with('#')
}

/// `key: value`
fn pair(number: usize, line: &str) -> Result<(&str, &str), String> {
    let pair = line
        .split_once(':')
        .map(|(key, value)| (key.trim(), value.trim()));
    match pair {
        Some((key, value)) if !key.is_empty() && !value.is_empty() => Ok((key, value)),
        _ => Err(format!(
            "line {number} is `{line}`, but must be `key: value`"
        )),
    }
}

//! Reads the file of key–value pairs.

use std::path::Path;

use crate::error::Error;

/// A key and its value.
pub type Pair = (String, String);

/// Reads all pairs, before any of them is stored: a mistake in the last line leaves nothing half-stored.
pub fn read(file: &Path) -> Result<Vec<Pair>, Error> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Error::new(format!("cannot read `{}`: {error}", file.display())))?;
    let in_file = |error| Error::new(format!("{}: {error}", file.display()));
    parse(&text).map_err(in_file)
}

fn parse(text: &str) -> Result<Vec<Pair>, String> {
    let mut pairs: Vec<Pair> = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| has_pair(line)) {
        let (key, value) = pair(at + 1, line)?;
        if pairs.iter().any(|(earlier, _)| *earlier == key) {
            return Err(format!(
                "line {} has the key `{key}` for the second time",
                at + 1
            ));
        }
        pairs.push((key, value));
    }
    Ok(pairs)
}

fn has_pair(line: &str) -> bool {
    !line.trim().is_empty() && !line.starts_with('#')
}

/// `key: value`
fn pair(number: usize, line: &str) -> Result<Pair, String> {
    match line
        .split_once(':')
        .map(|(key, value)| (key.trim(), value.trim()))
    {
        Some((key, value)) if !key.is_empty() && !value.is_empty() => {
            Ok((key.into(), value.into()))
        }
        _ => Err(format!(
            "line {number} is `{line}`, but must be `key: value`"
        )),
    }
}

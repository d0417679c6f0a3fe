//! The form of lines and comments in all sources.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Folders with sources of ours.
const FOLDERS: &[&str] = &[
    "bench", "examples", "macros", "runtime", "servers", "src", "tests", "timeline",
];

const COLUMNS: usize = 100;

/// Beginnings of a comment that point elsewhere instead of naming the thing.
const POINTERS: &[&str] = &["Who ", "The same", "That of ", "One that ", "Of a "];

#[test]
fn lines_fit_into_100_columns() {
    let long = find(|_, line| line.chars().count() > COLUMNS && !has_link(line));
    assert!(
        long.is_empty(),
        "lines of more than {COLUMNS} columns:\n{long}"
    );
}

#[test]
fn comments_begin_with_what_they_are_about() {
    let pointing = find(|before, line| {
        let begins = comment(line).is_some() && comment(before).is_none_or(str::is_empty);
        let text = comment(line).unwrap_or_default();
        begins && POINTERS.iter().any(|pointer| text.starts_with(pointer))
    });
    assert!(
        pointing.is_empty(),
        "comments that begin by pointing elsewhere:\n{pointing}"
    );
}

/// The text of a line that is a comment.
fn comment(line: &str) -> Option<&str> {
    let comment = line.trim_start().strip_prefix("//")?;
    Some(comment.trim_start_matches(['/', '!']).trim())
}

/// Whether a line may be long because a link in it cannot be broken.
fn has_link(line: &str) -> bool {
    line.contains("](") || line.contains("http")
}

/// Lists the lines of which `is_wanted` says so; it gets the line before as well.
fn find(is_wanted: impl Fn(&str, &str) -> bool) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = String::new();
    let mut files = 0;
    for folder in FOLDERS {
        each_source(&root.join(folder), &mut |file, text| {
            files += 1;
            let file = file.strip_prefix(root).unwrap_or(file).display();
            let mut before = "";
            for (number, line) in text.lines().enumerate() {
                if is_wanted(before, line) {
                    let _ = writeln!(found, "{file}:{}: {}", number + 1, line.trim());
                }
                before = line;
            }
        });
    }
    assert!(files > 200, "only {files} files were read");
    found
}

/// Calls `see` with each `.rs` file below a folder.
fn each_source(folder: &Path, see: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            each_source(&path, see);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            see(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}

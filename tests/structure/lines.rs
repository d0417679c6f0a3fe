//! Lines of code and comments fit into 100 columns.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const COLUMNS: usize = 100;

/// Folders with sources of ours.
const FOLDERS: &[&str] = &[
    "bench", "examples", "macros", "runtime", "src", "tests", "timeline",
];

#[test]
#[ignore = "comments are being rewritten"]
fn lines_fit_into_100_columns() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut long = String::new();
    for folder in FOLDERS {
        look_into(&root.join(folder), &mut |file, number, line| {
            if line.chars().count() > COLUMNS && !is_link(line) {
                let file = file.strip_prefix(root).unwrap_or(file).display();
                let _ = writeln!(long, "{file}:{number}");
            }
        });
    }
    assert!(
        long.is_empty(),
        "lines of more than {COLUMNS} columns:\n{long}"
    );
}

/// Calls `see` with each line of each `.rs` file below a folder.
fn look_into(folder: &Path, see: &mut impl FnMut(&Path, usize, &str)) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            look_into(&path, see);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            for (number, line) in text.lines().enumerate() {
                see(&path, number + 1, line);
            }
        }
    }
}

/// Whether a line is long because a link in it cannot be broken.
fn is_link(line: &str) -> bool {
    line.contains("](http") || line.contains(" http") || line.contains("<http")
}

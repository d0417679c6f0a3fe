//! The table of what a drop does: each row names tests, and they are there.

use std::fs;
use std::path::Path;

use super::texts;

#[test]
fn rows_of_what_a_drop_does_name_their_tests() {
    let (_, text) = texts()
        .into_iter()
        .find(|(name, _)| name == "what_a_drop_does")
        .unwrap();
    let mut rows = 0;
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, .., source] = cells[..] else {
            unreachable!("a row has cells")
        };
        if cells.len() != 7 || source == "source" {
            assert!([3, 7].contains(&cells.len()), "{line}");
            continue;
        }
        rows += 1;
        let (suite, tests) = source.split_once(": ").expect(name);
        let sources = sources_of(suite.trim_matches('`'));
        for test in tests.split(", ") {
            let begins = test.trim_matches('`').trim_end_matches('…');
            let function = format!("fn {begins}");
            assert!(sources.contains(&function), "{name}: {suite} has no {test}");
        }
    }
    assert!(rows > 40, "the table has {rows} rows");
}

/// What the files of a suite of `forwith-resources` contain.
fn sources_of(suite: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("servers/resources/tests");
    let mut folders = vec![root.join(suite)];
    let mut sources = String::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                sources += &fs::read_to_string(path).unwrap();
            }
        }
    }
    sources
}

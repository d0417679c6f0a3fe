//! What rustfmt makes of the two macros: it formats them whole, bodies included.
//!
//! It does so because both forms parse as expressions in parentheses.

use std::process::{Command, Output};

/// Asks rustfmt whether a file is formatted.
fn check(file: &str) -> Output {
    Command::new("rustfmt")
        .args(["--check", "--edition", "2024", "--color", "never", file])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("rustfmt is installed with the toolchain")
}

#[test]
fn a_formatted_file_stays_as_it_is() {
    let output = check("tests/formatting/formatted.rs");
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{report}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Each place that is badly formatted is followed by what rustfmt wants to see there.
#[test]
fn bad_formatting_is_found_in_headers_and_bodies() {
    let output = check("tests/formatting/unformatted.rs");
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success());
    for wanted in [
        "+    async_for!(for number in numbers() {",
        "+        sum += number;",
        "+    async_for!('rows: for (index, row) in rows().enumerate() {",
        "+        #[yield_every(3)]",
        "+        for number in numbers() {",
        "+    async_with!(connect() as db, { db.rows.len() })?;",
        "+    async_with!(pool.get() as &mut connection, {",
        "+        async_with!(connect() as (db, _), begin(db) as tx, {",
        "+                break 'rows db.rows.len();",
    ] {
        assert!(
            report.lines().any(|line| line == wanted),
            "{wanted}\n{report}"
        );
    }
}

//! What rustfmt makes of the two macros: it formats them whole, bodies included.
//!
//! It does so because both forms parse as expressions in parentheses.

use std::process::{Command, Output};

/// Asks rustfmt whether a file is formatted, if the toolchain has one.
fn check(file: &str) -> Option<Output> {
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--check", "--edition", "2024", "--color", "never", file]);
    let output = rustfmt.current_dir(env!("CARGO_MANIFEST_DIR")).output();
    if output.is_err() {
        println!("not checked: there is no rustfmt");
    }
    output.ok()
}

#[test]
fn a_formatted_file_stays_as_it_is() {
    let Some(output) = check("tests/formatting/formatted.rs") else {
        return;
    };
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
    let Some(output) = check("tests/formatting/unformatted.rs") else {
        return;
    };
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

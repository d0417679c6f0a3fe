//! rustfmt formats calls of both macros, bodies included, because both forms parse as expressions
//! in parentheses.

use std::process::{Command, Output};

/// Runs `rustfmt --check` on a file, if the toolchain has rustfmt.
fn check(file: &str) -> Option<Output> {
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--check", "--edition", "2024", "--color", "never", file]);
    rustfmt.current_dir(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/expansions/formatting"
    ));
    let output = rustfmt.output();
    if output.is_err() {
        println!("not checked: there is no rustfmt");
    }
    output.ok()
}

#[test]
fn formatted_calls_stay_as_they_are() {
    let Some(output) = check("formatted.rs") else {
        return;
    };
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{report}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The report contains the right formatting of each badly formatted line.
#[test]
fn headers_and_bodies_are_formatted() {
    let Some(output) = check("unformatted.rs") else {
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
        "+        #[concurrent(8)]",
        "+        'rows: for row in rows() {",
        "+            handle(row).await;",
        "+        #[collect]",
        "+        for (index, row) in rows().enumerate() {",
        "+            index + row.len()",
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

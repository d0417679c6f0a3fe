//! The fleet, run as users run it.

mod check;
mod runs;

use std::env;
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_forwith-example-fleet"));
    command.args(arguments).output().unwrap()
}

/// The one sentence on stderr of a command that does nothing.
#[track_caller]
fn fails(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert_eq!(sentence.lines().count(), 1, "{sentence}");
    sentence.trim_end().to_owned()
}

/// Whether a server was missing, which is said. It may not be where all must be there.
fn says_what_is_missing(output: &Output) -> bool {
    let sentence = String::from_utf8_lossy(&output.stderr);
    let is_missing = sentence.contains("is not installed: on Debian, `apt install ");
    if is_missing {
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let must_be_there = env::var_os("FORWITH_SERVERS_REQUIRED").is_some();
        assert!(!must_be_there, "{sentence}");
        eprintln!("NOTE: {sentence}So this test has looked at nothing");
    }
    is_missing
}

#[test]
fn mistakes_are_named() {
    for (arguments, sentence) in [
        (
            &[][..],
            "the number of jobs is missing, such as 20000: see `--help`",
        ),
        (
            &["many"],
            "`many` is no number of jobs from 1 to 1000000: see `--help`",
        ),
        (
            &["0"],
            "`0` is no number of jobs from 1 to 1000000: see `--help`",
        ),
        (&["300", "400"], "too much behind `300`: see `--help`"),
        (
            &["check", "postgres://localhost"],
            "too much behind `check`: see `--help`",
        ),
        (
            &["--sed", "1", "300"],
            "invalid option '--sed': see `--help`",
        ),
        (
            &["--seed", "x", "300"],
            "cannot parse argument \"x\": invalid digit found in string: see `--help`",
        ),
        (
            &["--workers", "1", "300"],
            "`--workers` is followed by a number from 2 to 32",
        ),
        (
            &["--at-once", "0", "300"],
            "`--at-once` is followed by a number from 1 to 100",
        ),
        (
            &["--workers", "32", "--at-once", "100", "300"],
            "so many jobs at once need more connections than there are",
        ),
    ] {
        assert_eq!(fails(arguments), sentence);
    }
    let help = run(&["--help"]);
    assert!(help.status.success() && help.stderr.is_empty(), "{help:?}");
    assert!(help.stdout.starts_with(b"usage: "), "{help:?}");
}

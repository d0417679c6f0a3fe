//! The example on real servers, run as users run it.

mod postgres;
mod redis;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_forwith-example-network-database"));
    command.args(arguments).output().unwrap()
}

#[track_caller]
fn succeeds(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The one sentence on stderr.
#[track_caller]
fn fails(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert_eq!(sentence.lines().count(), 1, "{sentence}");
    sentence
}

/// A file of pairs in a new folder.
struct Pairs {
    _folder: tempfile::TempDir,
    file: PathBuf,
}

impl Pairs {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pairs.txt");
        std::fs::write(&file, text).unwrap();
        Pairs {
            _folder: folder,
            file,
        }
    }

    fn path(&self) -> &str {
        self.file.to_str().unwrap()
    }
}

/// The report in front of the timeline.
fn report(output: &str) -> Vec<&str> {
    output.lines().take_while(|line| !line.is_empty()).collect()
}

#[track_caller]
fn assert_drawn(path: &Path, lane: &str) {
    let picture = std::fs::read_to_string(path).unwrap();
    assert!(
        picture.starts_with("<svg") && picture.contains(lane),
        "{picture}"
    );
}

#[test]
fn mistakes_are_named() {
    for (arguments, sentence) in [
        (
            &[][..],
            "a URL is missing, such as `redis://127.0.0.1`: see `--help`",
        ),
        (
            &["db"],
            "`db` is no URL of a database: write `postgres://USER@HOST/DATABASE` or \
                   `redis://HOST`",
        ),
        (
            &["mock://db"],
            "`mock://db` needs no network: run `cargo run --package \
                          forwith-example-database --features redb -- mock://db`",
        ),
        (
            &["--on", "smol", "redis://db"],
            "`--on` is followed by `tokio` or `runtime`",
        ),
        (
            &["--on", "runtime", "postgres://db"],
            "this client of PostgreSQL needs tokio: leave \
                                                 `--on runtime` out",
        ),
        (
            &["--tokio", "redis://db"],
            "invalid option '--tokio': see `--help`",
        ),
        (
            &["redis://db", "pairs.txt", "more"],
            "unexpected argument \"more\": see `--help`",
        ),
        (
            &["redis://db", "no such file"],
            "cannot read `no such file`: No such file or directory \
                                           (os error 2)",
        ),
    ] {
        assert_eq!(fails(arguments).trim_end(), sentence);
    }
    let usage = succeeds(&["--help"]);
    assert!(usage.starts_with("usage: "), "{usage}");
}

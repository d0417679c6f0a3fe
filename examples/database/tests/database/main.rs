//! The worked example, run as users run it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// An empty folder for one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_forwith-example-database"));
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

fn redb(file: &Path) -> String {
    format!("redb://{}", file.display())
}

#[test]
fn every_run_prints_the_same_bytes() {
    let expected = include_str!("mock.txt");
    assert_eq!(succeeds(&[]), expected);
    assert_eq!(succeeds(&["mock://db.somedomain.net"]), expected);
}

#[test]
fn picture_is_drawn() {
    let out = folder("picture").join("out.svg");
    let text = succeeds(&["--timeline", out.to_str().unwrap()]);
    assert_eq!(text, include_str!("mock.txt"));
    let picture = std::fs::read_to_string(out).unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("timeline.svg");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&file, &picture).unwrap();
    }
    let expected = std::fs::read_to_string(file).unwrap();
    // A checkout may have other line endings.
    assert!(
        expected.replace("\r\n", "\n") == picture,
        "timeline.svg is out of date: set UPDATE_EXPECT=1"
    );
}

#[test]
fn trace_is_written() {
    let out = folder("trace").join("out.json");
    succeeds(&["mock://db", "--timeline", out.to_str().unwrap()]);
    let trace = std::fs::read_to_string(out).unwrap();
    assert!(trace.contains("\"name\":\"writer 1\""), "{trace}");
}

#[test]
fn next_run_finds_what_was_stored() {
    let folder = folder("next-run");
    let (database, pairs) = (redb(&folder.join("animals.redb")), folder.join("pairs.txt"));
    std::fs::write(&pairs, "cow: Moo!\ncat: Meow!\n").unwrap();
    let first = succeeds(&[&database, pairs.to_str().unwrap()]);
    assert!(
        first.contains("2 pairs are read back:\n  cat: Meow!\n  cow: Moo!\n"),
        "{first}"
    );
    assert!(first.contains("A transaction is rolled back"), "{first}");
    std::fs::write(&pairs, "# more\n\ndog: Woof!\ncat: Purr!\n").unwrap();
    let second = succeeds(&[&database, pairs.to_str().unwrap()]);
    let expected = "3 pairs are read back:\n  cat: Purr!\n  cow: Moo!\n  dog: Woof!\n";
    assert!(second.contains(expected), "{second}");
}

#[test]
fn ticker_runs_while_real_database_works() {
    let folder = folder("ticker");
    let text = succeeds(&[&redb(&folder.join("animals.redb"))]);
    assert!(text.contains("16 pairs are read back"), "{text}");
    for mark in [
        "● entered Connection",
        "● exiting Connection",
        "● exited Connection",
    ] {
        assert!(text.contains(mark), "{text}");
    }
}

#[test]
fn byte_order_mark_and_remarks_are_skipped() {
    let pairs = folder("mark").join("pairs.txt");
    std::fs::write(&pairs, "\u{feff}cow: Moo!\r\n  # not a pair: at all\r\n").unwrap();
    let text = succeeds(&["mock://db", pairs.to_str().unwrap()]);
    assert!(
        text.contains("1 pairs are read back:\n  cow: Moo!\n"),
        "{text}"
    );
}

#[test]
fn help_is_printed() {
    assert!(succeeds(&["--help"]).starts_with("usage: "));
}

#[test]
fn bad_arguments_are_named() {
    assert!(fails(&["a", "b", "c"]).contains("`c` is one argument too many"));
    assert!(fails(&["--time"]).contains("no option `--time`"));
    assert!(fails(&["--timeline"]).contains("must be followed by a file"));
    assert!(fails(&["--timeline", "out.png"]).contains("`out.png` must end in .svg"));
    assert!(fails(&["--timeline", "no/such/folder/out.svg"]).contains("cannot write"));
    let scheme = fails(&["http://db.somedomain.net"]);
    assert!(
        scheme.contains("`http://db.somedomain.net`") && scheme.contains("redb://PATH"),
        "{scheme}"
    );
    let host = fails(&["mock://"]);
    assert!(host.contains("a host must follow"), "{host}");
    assert!(fails(&["mock:// :80"]).contains("a host must follow"));
    assert!(fails(&["redb://"]).contains("the path of a file"));
}

#[test]
fn bad_file_leaves_nothing_half_stored() {
    let folder = folder("bad-file");
    let (file, pairs) = (folder.join("animals.redb"), folder.join("pairs.txt"));
    let arguments = [&*redb(&file), pairs.to_str().unwrap()];
    assert!(fails(&arguments).contains("cannot read"));
    for (text, sentence) in [
        ("cow: Moo!\n\ncat Meow!\n", "line 3 is `cat Meow!`"),
        ("cow: Moo!\n: Meow!\n", "line 2 is `: Meow!`"),
        ("cow:\n", "line 1 is `cow:`"),
        (
            "cow: Moo!\ncow: Quack!\n",
            "line 2 has the key `cow` for the second time",
        ),
    ] {
        std::fs::write(&pairs, text).unwrap();
        let error = fails(&arguments);
        assert!(error.contains(sentence), "{error}");
        assert!(!file.exists(), "a database was made for {text:?}");
    }
}

#[test]
fn file_that_is_no_database_stays_as_it_is() {
    let file = folder("corrupt").join("animals.redb");
    for bytes in [b"no database".repeat(500), vec![0xA5; 3]] {
        std::fs::write(&file, &bytes).unwrap();
        let error = fails(&[&redb(&file)]);
        assert!(error.contains("cannot open"), "{error}");
        assert_eq!(std::fs::read(&file).unwrap(), bytes);
    }
}

#[test]
fn damaged_database_is_refused() {
    let file = folder("damaged").join("animals.redb");
    succeeds(&[&redb(&file)]);
    let good = std::fs::read(&file).unwrap();
    let mut overwritten = good.clone();
    overwritten[4096..40_000].fill(0xA5);
    for bytes in [&good[..good.len() / 2], &good[..200], &overwritten] {
        std::fs::write(&file, bytes).unwrap();
        let error = fails(&[&redb(&file)]);
        assert!(
            error.contains("corrupt") || error.contains("cannot open"),
            "{error}"
        );
    }
}

#[test]
fn locked_database_is_refused() {
    let file = folder("locked").join("animals.redb");
    let held = redb::Database::create(&file).unwrap();
    let error = fails(&[&redb(&file)]);
    assert!(
        error.contains("is locked: another program has it open"),
        "{error}"
    );
    drop(held);
    succeeds(&[&redb(&file)]);
}

#[test]
fn missing_folder_is_refused() {
    let error = fails(&[&redb(&folder("missing").join("no/such/animals.redb"))]);
    assert!(error.contains("cannot open"), "{error}");
}

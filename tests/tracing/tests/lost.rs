//! Who is told of an exit that is lost: the subscriber if there is one that listens, or else who reads stderr.

use std::process::Command;

/// What `src/bin/lost.rs` says to its subscriber, and on stderr.
fn told_to(listener: Option<&str>) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lost"));
    let output = command.args(listener).output().unwrap();
    assert!(output.status.success());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

const LINE: &str = "forwith: forwith_tracing_tests::probe::Db was not exited: its future was dropped, and no reaper took the exit\n";

#[test]
fn without_a_subscriber_there_is_a_line_on_stderr() {
    assert_eq!(told_to(None), (String::new(), LINE.into()));
}

#[test]
fn a_subscriber_that_does_not_listen_leaves_the_line_on_stderr() {
    assert_eq!(told_to(Some("others")), (String::new(), LINE.into()));
}

#[test]
fn a_subscriber_that_listens_has_an_event_in_place_of_the_line() {
    let (events, line) = told_to(Some("all"));
    assert_eq!(line, "");
    assert_eq!(
        events.lines().last(),
        Some(
            "! ERROR exit_error: a resource was not exited: its future was dropped, and no reaper took the exit Db kind=Lost"
        )
    );
}

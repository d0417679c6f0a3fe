//! A lost exit is an event where a subscriber listens, and otherwise a line on stderr.

use std::process::Command;

/// The lines of the subscriber of `src/bin/lost.rs`, and its stderr.
fn output_with(listener: Option<&str>) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lost"));
    let output = command.args(listener).output().unwrap();
    assert!(output.status.success());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

const LINE: &str = "forwith: forwith_tracing_tests::probe::Db was not exited: its future was \
                    dropped, and no reaper took the exit (one that is installed takes an exit \
                    that owns all it needs, such as that of an `OwnedExit` or an \
                    `owned_resource_fn`)\n";

#[test]
fn lost_exit_is_a_line_without_a_subscriber() {
    assert_eq!(output_with(None), (String::new(), LINE.into()));
}

#[test]
fn lost_exit_is_a_line_if_the_subscriber_ignores_it() {
    assert_eq!(output_with(Some("others")), (String::new(), LINE.into()));
}

#[test]
fn lost_exit_is_an_event_with_a_subscriber() {
    let (events, line) = output_with(Some("all"));
    assert_eq!(line, "");
    assert_eq!(
        events.lines().last(),
        Some(
            "! ERROR exit_error: a resource was not exited: its future was dropped, and no reaper \
             took the exit (one that is installed takes an exit that owns all it needs) Db \
             kind=Lost"
        )
    );
}

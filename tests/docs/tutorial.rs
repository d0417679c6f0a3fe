//! The example `tutorial`, session by session, with all it prints.

use std::process::Command;
use std::sync::LazyLock;

use super::example::example;

/// What each session prints, with its title, in order.
static SESSIONS: LazyLock<Vec<(String, Vec<String>)>> = LazyLock::new(|| {
    let output = Command::new(example("tutorial")).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*errors), (Some(0), ""));
    let text = String::from_utf8(output.stdout).unwrap();
    let text = text.strip_prefix("--- ").expect("a title comes first");
    let sessions = text.split("\n--- ").map(|session| {
        let mut lines = session.lines().map(str::to_owned);
        (lines.next().unwrap_or_default(), lines.collect())
    });
    sessions.collect()
});

#[track_caller]
fn expect(title: &str, lines: &[&str]) {
    let session = SESSIONS.iter().find(|(found, _)| found == title);
    let (_, printed) = session.expect("there is a session of this title");
    assert_eq!(printed, lines, "{title}");
}

const ASKS: &str = "Please do not continue until 3 seconds have elapsed.";

#[test]
fn sessions_are_those_of_the_tutorial() {
    let titles: Vec<_> = SESSIONS.iter().map(|(title, _)| &**title).collect();
    assert_eq!(
        titles,
        [
            "a function: square(4)",
            "a function in another: cube(3)",
            "one after the other: cube of 1 to 3",
            "a coroutine that nobody runs: cube(5)",
            "send to square(4)",
            "send to cube(3)",
            "by hand: cube(3)",
            "by hand, in turn: cube(5) and cube(10)",
            "a scheduler: cube(5)",
            "gather: cube(3), cube(4) and cube(5)",
        ]
    );
}

#[test]
fn function_runs_from_start_to_finish() {
    expect(
        "a function: square(4)",
        &[
            "Starting square with argument 4!",
            "Finishing square with argument 4!",
            "16",
        ],
    );
}

#[test]
fn function_waits_for_the_one_it_calls() {
    expect(
        "a function in another: cube(3)",
        &[
            "Starting cube with argument 3!",
            "Starting square with argument 3!",
            "Finishing square with argument 3!",
            "Finishing cube with argument 3!",
            "27",
        ],
    );
}

#[test]
fn functions_run_one_after_the_other() {
    expect(
        "one after the other: cube of 1 to 3",
        &[
            "Starting cube with argument 1!",
            "Starting square with argument 1!",
            "Finishing square with argument 1!",
            "Finishing cube with argument 1!",
            "1",
            "Starting cube with argument 2!",
            "Starting square with argument 2!",
            "Finishing square with argument 2!",
            "Finishing cube with argument 2!",
            "8",
            "Starting cube with argument 3!",
            "Starting square with argument 3!",
            "Finishing square with argument 3!",
            "Finishing cube with argument 3!",
            "27",
        ],
    );
}

#[test]
fn coroutine_that_nobody_runs_prints_nothing() {
    expect("a coroutine that nobody runs: cube(5)", &[]);
}

#[test]
fn one_send_runs_square_to_its_end() {
    expect(
        "send to square(4)",
        &[
            "Starting square with argument 4!",
            "Finishing square with argument 4!",
            "returned 16",
        ],
    );
}

#[test]
fn one_send_runs_cube_to_its_end() {
    expect(
        "send to cube(3)",
        &[
            "Starting cube with argument 3!",
            "Starting square with argument 3!",
            "Finishing square with argument 3!",
            "Finishing cube with argument 3!",
            "returned 27",
        ],
    );
}

#[test]
fn cube_asks_twice_and_takes_three_sends() {
    expect(
        "by hand: cube(3)",
        &[
            "Starting cube with argument 3!",
            ASKS,
            "Starting square with argument 3!",
            ASKS,
            "Finishing square with argument 3!",
            "Finishing cube with argument 3!",
            "returned 27",
        ],
    );
}

#[test]
fn two_cubes_take_turns_in_six_sends() {
    expect(
        "by hand, in turn: cube(5) and cube(10)",
        &[
            "Starting cube with argument 5!",
            ASKS,
            "Starting cube with argument 10!",
            ASKS,
            "Starting square with argument 5!",
            ASKS,
            "Starting square with argument 10!",
            ASKS,
            "Finishing square with argument 5!",
            "Finishing cube with argument 5!",
            "returned 125",
            "Finishing square with argument 10!",
            "Finishing cube with argument 10!",
            "returned 1000",
        ],
    );
}

#[test]
fn scheduler_runs_cube_to_its_end() {
    expect(
        "a scheduler: cube(5)",
        &[
            "Starting cube with argument 5!",
            "Starting square with argument 5!",
            "Finishing square with argument 5!",
            "Finishing cube with argument 5!",
            "125",
        ],
    );
}

#[test]
fn gather_runs_three_cubes_side_by_side() {
    expect(
        "gather: cube(3), cube(4) and cube(5)",
        &[
            "Starting cube with argument 3!",
            "Starting cube with argument 4!",
            "Starting cube with argument 5!",
            "Starting square with argument 3!",
            "Starting square with argument 4!",
            "Starting square with argument 5!",
            "Finishing square with argument 3!",
            "Finishing cube with argument 3!",
            "Finishing square with argument 4!",
            "Finishing cube with argument 4!",
            "Finishing square with argument 5!",
            "Finishing cube with argument 5!",
            "[27, 64, 125]",
        ],
    );
}

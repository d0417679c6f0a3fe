//! Scripts, and all that is printed for them.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use super::EXAMPLE;

fn run(script: &[u8]) -> Output {
    let mut child = Command::new(EXAMPLE)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stdin, script) = (child.stdin.take().unwrap(), script.to_vec());
    // On a thread: the program answers before it has read all, and may end before that.
    let writer = thread::spawn(move || drop(stdin.write_all(&script)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// Plays a script to its end, and returns what is printed. Nothing may be on stderr.
#[track_caller]
fn play(script: impl AsRef<[u8]>) -> String {
    let output = run(script.as_ref());
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*errors), (Some(0), ""), "{text}");
    assert!(text.starts_with("You are the scheduler."), "{text}");
    assert!(text.ends_with("Goodbye.\n"), "{text}");
    text
}

fn beside(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/by_hand/transcripts");
    folder.join(name)
}

/// Plays a script and compares the output with the transcript beside it.
#[track_caller]
fn expect(name: &str) {
    let script = fs::read(beside(&format!("{name}.script"))).unwrap();
    let (text, file) = (play(script), beside(&format!("{name}.txt")));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&file, &text).unwrap();
    }
    let expected = fs::read_to_string(file).unwrap();
    assert_eq!(text, expected, "{text}");
}

/// Asserts how the command is answered, after these.
#[track_caller]
fn expect_answer(before: &str, command: &str, answer: &str) {
    let text = play(format!("{before}{command}\n"));
    let (_, rest) = text.rsplit_once(&format!("> {command}\n")).unwrap();
    assert!(rest.starts_with(answer), "{command}: {rest}");
}

#[test]
fn sessions_of_the_tutorial() {
    expect("tutorial");
}

#[test]
fn two_cubes() {
    expect("cubes");
}

#[test]
fn cancelled_and_dropped_databases() {
    expect("database");
}

#[test]
fn real_scheduler_runs_all() {
    expect("all");
}

#[test]
fn script_ends_half_way() {
    expect("half_way");
}

#[test]
fn all_help() {
    expect("help");
}

#[test]
fn nothing_to_do() {
    let text = play("");
    assert_eq!(text.lines().count(), 3, "{text}");
    assert_eq!(play("quit\nsend 1\n").lines().count(), 4);
}

#[test]
fn all_lines_fit_into_80_columns() {
    for name in ["tutorial", "cubes", "database", "all", "half_way", "help"] {
        let text = fs::read_to_string(beside(&format!("{name}.txt"))).unwrap();
        // The timeline is as wide as there are coroutines.
        let without_timeline = text.split("> timeline\n").next().unwrap();
        for line in without_timeline.lines() {
            assert!(line.chars().count() <= 80, "{name}: {line}");
        }
    }
}

#[test]
fn wide_timeline_says_so() {
    let hint = "That is wide: `timeline picture.svg` draws it.";
    for (coroutines, is_wide) in [("store\n", false), ("store\nstore\nstore\nstore\n", true)] {
        let text = play(format!("{coroutines}run\ntimeline\n"));
        assert_eq!(text.contains(hint), is_wide, "{text}");
    }
}

#[test]
fn dropped_during_its_goodbye() {
    let script = "store\nsend 1\nwait\nsend 1\nwait\nsend 1\ncancel 1\ndrop 1\n";
    let output = run(script.as_ref());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("1 was dropped in the midst of its goodbye. The server has noticed now.\n"),
        "{text}"
    );
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("was dropped half-way"), "{told}");
}

#[test]
fn unknown_commands() {
    for (command, answer) in [
        ("sedn 1", "There is no command `sedn`. Did you mean `send`?"),
        ("can 1", "There is no command `can`. Did you mean `cancel`?"),
        ("step 1", "There is no command `step`. Did you mean `send`?"),
        (
            "xyzzy",
            "There is no command `xyzzy`. `help` tells what there is.",
        ),
        (
            "spawn cube",
            "There is no command `spawn`: a coroutine is started by its name, as in `cube 3`.",
        ),
        (
            "gather(cube(3), cube(4))",
            "There is no command `gather(cube(3),`: \
             start each, as in `cube 3`, and `run` runs them all.",
        ),
        (
            "asyncio.run(cube(3))",
            "There is no command `asyncio.run(cube(3))`: \
             start each, as in `cube 3`, and `run` runs them all.",
        ),
        (
            "await cube(3)",
            "There is no command `await`: start each, as in `cube 3`, and `run` runs them all.",
        ),
        (
            "coroutine.send(None)",
            "There is no command `coroutine.send(None)`: coroutines have numbers, as in `send 1`.",
        ),
        (
            "coroutine = cube(3)",
            "There are no variables: a coroutine is started by its name, as in `cube 3`, \
             and gets a number.",
        ),
        ("1", "`1` is no command. Did you mean `send 1`?"),
        (
            "help xyzzy",
            "There is no command `xyzzy`. `help` tells what there is.",
        ),
        ("list 3", "`list` stands alone, without `3`."),
        ("run 1", "`run` stands alone, without `1`."),
    ] {
        expect_answer("cube 3\n", command, answer);
    }
}

#[test]
fn commands_without_a_coroutine() {
    for command in ["send", "drop", "cancel"] {
        let whom = format!("Whom? Say which one, as in `{command} 1`.");
        expect_answer("cube 3\n", command, &whom);
        let number = format!("`one` is not the number of a coroutine, as in `{command} 1`.");
        expect_answer("cube 3\n", &format!("{command} one"), &number);
        let nobody = "Nobody is there yet. Start one, as in `cube 3`.";
        expect_answer("", &format!("{command} 1"), nobody);
        let no_seven = format!("{command} 7");
        expect_answer("cube 3\n", &no_seven, "There is no coroutine 7, only 1.");
        let numbered = "There is no coroutine 7: they are numbered 1 to 3.";
        expect_answer("cube 3\ncube 3\ncube 3\n", &no_seven, numbered);
        expect_answer(
            "cube 3\n",
            &format!("{command} 0"),
            "There is no coroutine 0, only 1.",
        );
        let one = format!("`{command}` takes the number of one coroutine, as in `{command} 1`.");
        expect_answer("cube 3\n", &format!("{command} 1 2"), &one);
    }
    expect_answer(
        "cube 3\n",
        "send -1",
        "`-1` is not the number of a coroutine",
    );
    expect_answer(
        "cube 3\n",
        "send 99999999999999999999",
        "`99999999999999999999` is not the number",
    );
}

#[test]
fn commands_to_an_ended_coroutine() {
    let ends = [
        ("square 0\nsend 1\nwait\nsend 1\n", "1 returned 0. It "),
        ("cube 1\ndrop 1\n", "1 was dropped. It "),
        ("cube 1\ncancel 1\n", "1 was cancelled. It "),
        ("panic\nrun\n", "1 panicked: oh. It "),
        ("fail\nrun\n", "1 failed: page 2 could not be fetched. It "),
    ];
    for (script, end) in ends {
        expect_answer(
            script,
            "send 1",
            &format!("{end}cannot be sent anything any more."),
        );
        expect_answer(
            script,
            "cancel 1",
            &format!("{end}cannot be cancelled any more."),
        );
        expect_answer(
            script,
            "drop 1",
            &format!("{end}cannot be dropped any more."),
        );
        expect_answer(
            script,
            "run",
            "Nobody is left to run. Start one, as in `cube 3`.",
        );
    }
    let script = "store\nsend 1\nwait\nsend 1\nwait\nsend 1\ncancel 1\n";
    expect_answer(
        script,
        "cancel 1",
        "1 is being left already: `send 1` lets it go on with that.",
    );
}

#[test]
fn cancellation_says_what_it_found() {
    for (script, answer) in [
        ("cube 3\n", "1 was cancelled.\nIt had not begun."),
        (
            "cube 3\nsend 1\n",
            "1 was cancelled.\nIt had entered nothing that must be exited.",
        ),
        (
            "cube 3\nsend 1\nwait\n",
            "Starting square with argument 3!\n\
             1 was cancelled.\nIt had entered nothing that must be exited.",
        ),
        (
            "cube 3\nsend 1\nwait\nsend 1\nwait\n",
            "Finishing square with argument 3!\nFinishing cube with argument 3!\n\
             1 returned 27.\nIt was at its end before it could hear of that.",
        ),
    ] {
        expect_answer(script, "cancel 1", answer);
    }
}

#[test]
fn bad_numbers() {
    for (command, answer) in [
        ("cube", "The cube of what? Say one number, as in `cube 3`."),
        (
            "cube 3 4",
            "The cube of what? Say one number, as in `cube 3`.",
        ),
        (
            "square",
            "The square of what? Say one number, as in `square 3`.",
        ),
        (
            "cube(3, 4)",
            "The cube of what? Say one number, as in `cube 3`.",
        ),
        ("cube((3))", "`(3)` is not a whole number, as in `cube 3`."),
        ("square(x)", "`x` is not a whole number, as in `square 3`."),
        ("cube x", "`x` is not a whole number, as in `cube 3`."),
        ("cube -3", "`-3` is not a whole number, as in `cube 3`."),
        ("cube 2.5", "`2.5` is not a whole number, as in `cube 3`."),
        (
            "cube 3000000",
            "`3000000` is too large: the largest cube in 64 bits is that of 2642245.",
        ),
        (
            "square 4294967296",
            "`4294967296` is too large: the largest square in 64 bits is that of 4294967295.",
        ),
        (
            "cube 999999999999999999999",
            "`999999999999999999999` is too large: ",
        ),
        ("turns x", "`x` is not a whole number, as in `turns 3`."),
        (
            "turns 1 2",
            "How many turns? Say one number, as in `turns 3`.",
        ),
        (
            "turns 1000",
            "That is more than you want to grant: 100 turns at most.",
        ),
        (
            "wait x",
            "`x` is not a number of seconds, as in `wait 2` or `wait 0.5`.",
        ),
        ("wait nan", "`nan` is not a number of seconds"),
        ("wait inf", "`inf` is not a number of seconds"),
        (
            "wait 1 2",
            "How long? Say one number of seconds, as in `wait 2`.",
        ),
        ("wait -1", "Time does not run backwards, not even for you."),
        (
            "wait 1e10",
            "That is too long: the clock goes up to 1000000000s, which is 31 years.",
        ),
        ("wait 1e300", "`1e300` is not a number of seconds"),
    ] {
        expect_answer("", command, answer);
    }
    let last = "cube 2642245\nsend 1\nwait\nsend 1\nwait\n";
    expect_answer(
        last,
        "send 1",
        "Finishing square with argument 2642245!\nFinishing cube with argument 2642245!\n\
         1 returned 18446724184312856125.",
    );
    let last = "square 4294967295\nsend 1\nwait\n";
    expect_answer(
        last,
        "send 1",
        "Finishing square with argument 4294967295!\n1 returned 18446744065119617025.",
    );
}

#[test]
fn calls_are_commands() {
    for (call, command) in [
        ("cube(5)", "cube 5"),
        ("square (4)", "square 4"),
        ("Animals()", "animals"),
    ] {
        let started = format!("1 is {command}, and stands before its first line");
        expect_answer("", call, &started);
    }
    expect_answer("cube 5\n", "send(1)", "Starting cube with argument 5!");
    expect_answer("", "help(send)", "send 1: tell coroutine 1");
}

#[test]
fn waits_without_a_sleeper() {
    let answer = "Nobody is there to wait for. Start one, as in `cube 3`.";
    expect_answer("", "wait", answer);
    let answer = "Nobody waits for time to go by. `send 1` starts 1.";
    expect_answer("cube 3\n", "wait", answer);
    let answer = "1 and 3 may continue already: `send 1`. Or say how long, as in `wait 1`.";
    expect_answer(
        "turns 1\ncube 3\nturns 1\nsend 1\nsend 2\nsend 3\n",
        "wait",
        answer,
    );
    expect_answer(
        "turns 1\nsend 1\n",
        "wait 0.25",
        "It is 0.25s: 1 may continue.",
    );
    expect_answer(
        "cube 3\nsend 1\n",
        "wait 2.5s",
        "It is 2.5s: nobody may continue yet.",
    );
    expect_answer(
        "cube 3\nsend 1\nwait 1e9\nsend 1\ncube 3\nsend 2\n",
        "wait",
        "That is too long",
    );
}

#[test]
fn empty_lists() {
    expect_answer("", "list", "Nobody is there yet. Start one, as in `cube 3`");
    expect_answer("", "", "Nobody is there yet. Start one, as in `cube 3`");
    expect_answer(
        "",
        "timeline",
        "Nobody has run yet. Start one, as in `cube 3`.",
    );
    expect_answer("", "# a remark", "Goodbye.");
}

#[test]
fn picture_is_drawn() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("by hand");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let picture = folder.join("picture.svg");
    let mut command = format!("timeline {}", picture.display());
    let text = play(format!("cube 3\nrun\n{command}\n"));
    assert!(text.contains("is drawn: a browser shows it."), "{text}");
    let picture = fs::read_to_string(picture).unwrap();
    assert!(picture.contains("1 cube 3"), "{picture}");
    command = format!("timeline {}", folder.join("no/such/picture.svg").display());
    let text = play(format!("cube 3\nrun\n{command}\n"));
    assert!(
        text.contains("The picture could not be written to `"),
        "{text}"
    );
    let answer = "`3` is no name of a picture, as in `timeline picture.svg`.";
    expect_answer("cube 3\n", "timeline 3", answer);
}

#[test]
fn full_stage() {
    let text = play("cube 3\n".repeat(100) + "run\n");
    assert!(
        text.contains("The stage is full: 99 have been on it."),
        "{text}"
    );
    assert!(
        text.contains("99 returned 27.\nAll have ended. It is 6s.\n"),
        "{text}"
    );
}

#[test]
fn lines_that_are_not_text() {
    let text = play(b"\xff\xfe\n");
    assert!(text.contains("That was no text (in UTF-8).\n"), "{text}");
    let text = play(format!(
        "cube{}\n",
        "(".repeat(1 << 19) + &")".repeat(1 << 19)
    ));
    assert!(text.contains("is not a whole number"), "{text}");
    let text = play("a".repeat(1 << 20));
    assert!(text.lines().all(|line| line.len() < 100), "{text}");
    assert!(
        text.contains("There is no command `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…`."),
        "{text}"
    );
    let text = play("\x1b[2J \x07\x00\u{9b}31m\n");
    assert!(
        !text.contains(|char: char| char.is_control() && char != '\n'),
        "{text}"
    );
    assert!(play("cube 3\r\nsend 1").contains("1 asks: Please do not continue until 3 seconds"));
}

#[test]
fn closed_pipe_is_no_error() {
    let mut child = Command::new(EXAMPLE)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let _ = child.stdin.take().unwrap().write_all(b"cube 3\nrun\n");
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*errors), (Some(0), ""));
}

/// Pseudo-random numbers, the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

const WORDS: [&str; 31] = [
    "square",
    "cube",
    "animals",
    "store",
    "turns",
    "fail",
    "panic",
    "send",
    "send",
    "send",
    "wait",
    "wait",
    "cancel",
    "drop",
    "run",
    "list",
    "timeline",
    "help",
    "anyway",
    "-1",
    "0",
    "1",
    "2",
    "3",
    "0.5",
    "1e9",
    "99999999999999999999",
    "é",
    "\u{202e}",
    "\0",
    "",
];

fn random_line(random: &mut Random) -> String {
    let mut line = String::new();
    // Most are commands, so that there is something for the rest to act on.
    if random.below(4) > 0 {
        let (command, number) = (WORDS[random.below(17)], random.below(12));
        write!(line, "{command} {number}").unwrap();
        if random.below(3) == 0 {
            command.clone_into(&mut line);
        }
        return line;
    }
    for _ in 0..random.below(5) {
        let char = char::from_u32(u32::try_from(random.below(0x3000)).unwrap());
        let letters = char.filter(|&char| char != '\n');
        line.extend(letters);
        line += [" ", ""][random.below(2)];
        line += WORDS[random.below(WORDS.len())];
    }
    line
}

#[test]
fn random_lines() {
    for seed in 0..20 {
        let mut random = Random(seed);
        let mut script = Vec::new();
        for _ in 0..150 {
            script.extend(random_line(&mut random).into_bytes());
            if random.below(20) == 0 {
                script.push(u8::try_from(random.below(256)).unwrap());
            }
            script.push(b'\n');
        }
        let text = play(&script);
        assert!(!text.contains("panicked at"), "seed {seed}: {text}");
    }
}

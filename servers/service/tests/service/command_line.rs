//! Mistakes of the command line, and servers that are not there.

use std::process::{Command, Output};

use forwith_example_service::options::USAGE;
use forwith_testing::free_port;

use crate::service::PROGRAM;

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.env_remove("DATABASE_URL").env_remove("REDIS_URL");
    command.envs(variables.iter().copied());
    command.args(arguments).output().unwrap()
}

#[track_caller]
fn is_mistake(arguments: &[&str], variables: &[(&str, &str)], sentence: &str) {
    let output = run(arguments, variables);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, format!("{sentence}\n\n{USAGE}\n"));
}

#[test]
fn mistakes_are_named() {
    for (arguments, sentence) in [
        (&[][..], "a command is missing"),
        (&["--port", "1"], "a command is missing"),
        (&["sing"], "there is no command `sing`"),
        (&["serve", "--kind", "odd"], "there is no kind `odd`"),
        (&["serve", "--kind"], "missing argument for option '--kind'"),
        (&["serve", "here"], "unexpected argument \"here\""),
        (&["load", "--requests", "0"], "there is nothing to ask"),
        (&["load", "--rude", "101"], "there is nothing to ask"),
        (&["load", "--rounds", "3"], "invalid option '--rounds'"),
        (&["cost", "--rude", "3"], "invalid option '--rude'"),
        (&["soak", "--minutes", "-1"], "-1 minutes are no time"),
        (&["soak", "--seed"], "missing argument for option '--seed'"),
    ] {
        is_mistake(arguments, &[], sentence);
    }
}

#[test]
fn number_must_be_one() {
    let output = run(&["load", "--requests", "many"], &[]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    let (sentence, usage) = said.split_once("\n\n").unwrap();
    assert!(sentence.contains("\"many\""), "{sentence}");
    assert_eq!(sentence.lines().count(), 1, "{sentence}");
    assert_eq!(usage.trim_end(), USAGE);
}

#[test]
fn urls_must_be_set() {
    let sentence = |name| format!("the variable {name} is not set to a URL");
    is_mistake(&["serve"], &[], &sentence("DATABASE_URL"));
    let database = [("DATABASE_URL", "postgres://here")];
    is_mistake(&["serve"], &database, &sentence("REDIS_URL"));
}

#[test]
fn server_that_is_not_there_is_said() {
    let url = format!("postgres://test@127.0.0.1:{}/postgres", free_port());
    let urls = [("DATABASE_URL", &*url), ("REDIS_URL", "redis://127.0.0.1")];
    for kind in ["forwith", "plain"] {
        let output = run(&["serve", "--port", "0", "--kind", kind], &urls);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
        let sentence = String::from_utf8(output.stderr).unwrap();
        assert_eq!(sentence.lines().count(), 1, "{sentence}");
        assert!(sentence.contains("Connection refused"), "{sentence}");
    }
}

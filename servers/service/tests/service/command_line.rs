//! Mistakes of the command line, and a database that is not there.

use std::process::{Command, Output};

use forwith_example_service::options::USAGE;
use forwith_testing::{free_port, postgres};

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
        (&["soak", "--minutes", "0"], "0 minutes are no time"),
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
fn database_that_is_not_there_is_said() {
    let Some(postgres) = postgres() else { return };
    let database = format!("postgres://test@127.0.0.1:{}/unknown", postgres.port);
    let urls = [
        ("DATABASE_URL", &*database),
        ("REDIS_URL", "redis://127.0.0.1"),
    ];
    for kind in ["forwith", "plain", "tasks"] {
        let output = run(&["serve", "--port", "0", "--kind", kind], &urls);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        // In front of it are warnings, where the server is slow.
        let sentence = said.lines().last().unwrap();
        let why = "PostgreSQL at $DATABASE_URL is of no use: error returned from database: \
                   database \"unknown\" does not exist";
        assert!(sentence.starts_with(why), "{said}");
    }
}

#[test]
fn server_that_is_not_there_is_said() {
    let Some(postgres) = postgres() else { return };
    let there = format!("postgres://test@127.0.0.1:{}/postgres", postgres.port);
    let nowhere = free_port();
    let [no_postgres, no_redis] =
        ["postgres://test@", "redis://"].map(|scheme| format!("{scheme}127.0.0.1:{nowhere}"));
    for (database, why) in [
        (&no_postgres, "PostgreSQL at $DATABASE_URL is of no use: "),
        (&there, "Redis at $REDIS_URL is of no use: "),
    ] {
        let urls = [("DATABASE_URL", &**database), ("REDIS_URL", &*no_redis)];
        let output = run(&["serve", "--port", "0"], &urls);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.starts_with(why), "{said}");
        assert!(said.contains("Connection refused"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

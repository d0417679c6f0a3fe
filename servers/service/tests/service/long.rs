//! The commands that start servers and a load themselves, for a short time.

use std::process::Command;

use forwith_testing::{postgres, redis};

use crate::service::PROGRAM;

/// Runs it, and gives what it prints, unless a server is not installed.
fn succeeds(arguments: &[&str]) -> Option<String> {
    let (_postgres, _redis) = (postgres()?, redis()?);
    let output = Command::new(PROGRAM).args(arguments).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{errors}");
    Some(said)
}

/// The last columns of the line with this name.
#[track_caller]
fn columns(table: &str, name: &str, number: usize) -> Vec<String> {
    let line = table.lines().find(|line| line.trim().starts_with(name));
    let line = line.unwrap_or_else(|| panic!("no line of {name} in\n{table}"));
    let values = line.split_whitespace().rev().take(number);
    let mut values: Vec<_> = values.map(String::from).collect();
    values.reverse();
    values
}

#[test]
fn load_compares_all_kinds() {
    let Some(table) = succeeds(&["load", "--requests", "300"]) else {
        return;
    };
    let forwith = |name| columns(&table, name, 1).remove(0);
    assert_eq!(columns(&table, "plain", 3), ["plain", "tasks", "forwith"]);
    assert_eq!(columns(&table, "requests", 3), ["300", "300", "300"]);
    for name in [
        "neither",
        "\"already a transaction\" warnings",
        "idle in a transaction afterwards",
        "told of an entry that is not there",
        "refused, and the entry is there",
        "cents out of nowhere",
        "locks that only their lease has ended",
        "exits lost or cut",
    ] {
        assert_eq!(forwith(name), "0", "{name} in\n{table}");
    }
    let entries = forwith("new entries of the ledger");
    assert_eq!(forwith("beside commits that wrote one"), entries);
    assert_ne!(entries, "0", "{table}");
}

#[test]
fn soak_loses_nothing() {
    let Some(said) = succeeds(&["soak", "--minutes", "0.2", "--seed", "3"]) else {
        return;
    };
    let number = |name| columns(&said, name, 1).remove(0);
    for name in [
        "which waited in vain",
        "exits lost or cut",
        "things that the shutdown left",
        "idle in a transaction afterwards",
        "drafts beside the statements",
        "told of an entry that is not there",
        "refused, and the entry is there",
        "cents out of nowhere",
    ] {
        assert_eq!(number(name), "0", "{name} in\n{said}");
    }
    assert_ne!(number("which ended well"), "0", "{said}");
    let faults = [
        "PostgreSQL killed",
        "Redis killed",
        "connections to PostgreSQL",
        "connections to Redis",
        "PostgreSQL out of reach",
        "Redis out of reach",
        "disk full",
    ];
    let table = said.split("\n\n").nth(2).unwrap();
    let happened = faults.map(|fault| columns(table, fault, 1).remove(0));
    assert!(happened.iter().any(|times| times != "0"), "{said}");
}

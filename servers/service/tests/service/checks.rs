//! The checks themselves, which must be able to fail.

use forwith_example_service::check::Transactions;

#[track_caller]
fn assert_read(log: &str, expected: Transactions) {
    assert_eq!(Transactions::read(log), expected, "{log}");
}

#[test]
fn transactions_end_by_their_statements() {
    let log = "\
        a LOG:  statement: BEGIN\n\
        b LOG:  statement: BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY\n\
        a LOG:  execute s: INSERT INTO ledger\n\
        b LOG:  statement: ROLLBACK\n\
        a LOG:  statement: COMMIT\n";
    let expected = Transactions {
        begun: 2,
        committed: 1,
        rolled_back: 1,
        booked: 1,
        warnings: 0,
    };
    assert_read(log, expected);
}

#[test]
fn begin_in_a_transaction_is_ended_by_nobody() {
    let log = "\
        a LOG:  statement: BEGIN\n\
        a LOG:  execute s: INSERT INTO ledger\n\
        a LOG:  statement: BEGIN\n\
        a WARNING:  there is already a transaction in progress\n\
        a LOG:  statement: COMMIT\n";
    let transactions = Transactions::read(log);
    assert_eq!(transactions.nobody_ended(), 1);
    assert_eq!(transactions.warnings, 1);
    assert_eq!((transactions.begun, transactions.committed), (2, 1));
}

#[test]
fn commit_of_a_failed_transaction_rolls_back() {
    let log = "\
        a LOG:  statement: BEGIN\n\
        a LOG:  execute s: INSERT INTO ledger\n\
        a ERROR:  canceling statement due to user request\n\
        a LOG:  statement: COMMIT\n";
    let expected = Transactions {
        begun: 1,
        rolled_back: 1,
        ..Transactions::default()
    };
    assert_read(log, expected);
}

#[test]
fn closed_connection_rolls_back() {
    let log = "\
        a LOG:  statement: BEGIN\n\
        a LOG:  execute s: \n\
        \tINSERT INTO ledger (key) VALUES ($1)\n\
        b LOG:  statement: BEGIN\n\
        a LOG:  disconnection: session time: 0:00:00.012 user=test\n\
        b LOG:  execute s: \n\
        \tINSERT INTO ledger (key) VALUES ($1)\n\
        b LOG:  statement: COMMIT\n\
        b LOG:  disconnection: session time: 0:00:00.012 user=test\n";
    let expected = Transactions {
        begun: 2,
        committed: 1,
        rolled_back: 1,
        booked: 1,
        warnings: 0,
    };
    assert_read(log, expected);
}

#[test]
fn statements_outside_of_transactions_are_none() {
    let log = "\
        a LOG:  statement: COMMIT\n\
        a WARNING:  there is no transaction in progress\n\
        a LOG:  execute s: INSERT INTO ledger\n\
        a ERROR:  relation \"ledger\" does not exist\n";
    let expected = Transactions {
        warnings: 1,
        ..Transactions::default()
    };
    assert_read(log, expected);
}

#[test]
fn session_that_goes_on_has_ended_nothing() {
    let transactions = Transactions::read("a LOG:  statement: BEGIN\n");
    assert_eq!(transactions.nobody_ended(), 1);
}

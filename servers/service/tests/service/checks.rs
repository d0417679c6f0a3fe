//! The checks themselves, which must be able to fail.

use std::time::Duration;

use forwith_example_service::bank::{Order, book, set_up};
use forwith_example_service::check::{Audit, Books, Held, Servers, Transactions, archive};
use forwith_example_service::load::{Ask, Asked, End, Manner};
use forwith_testing::{postgres, redis};
use redis::AsyncCommands;
use sqlx::{Connection, PgConnection, raw_sql};
use tokio::task::spawn_blocking;

#[track_caller]
fn assert_read(log: &str, expected: &Transactions) {
    assert_eq!(&Transactions::read(log), expected, "{log}");
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
    assert_read(log, &expected);
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
    assert_read(log, &expected);
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
    assert_read(log, &expected);
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
    assert_read(log, &expected);
}

#[test]
fn session_that_goes_on_has_ended_nothing() {
    let transactions = Transactions::read("a LOG:  statement: BEGIN\n");
    assert_eq!(transactions.nobody_ended(), 1);
}

fn order(key: &str) -> Order {
    Order {
        key: key.into(),
        from: 1,
        to: 2,
        cents: 70,
    }
}

fn told(key: &str, status: u16) -> Asked {
    Asked {
        ask: Ask::Transfer(order(key)),
        manner: Manner::Stays,
        end: End::Status(status),
        took: Duration::ZERO,
    }
}

/// Servers, and a connection to the database.
async fn start() -> Option<(Servers, PgConnection)> {
    let start = || {
        let _installed = (postgres()?, redis()?);
        Some(Servers::start(false).unwrap())
    };
    let servers = spawn_blocking(start).await.unwrap()?;
    let [postgres, _] = servers.direct_urls();
    let mut conn = PgConnection::connect(&postgres).await.unwrap();
    set_up(&mut conn).await.unwrap();
    Some((servers, conn))
}

#[tokio::test]
async fn books_find_what_is_untrue() {
    let Some((servers, mut conn)) = start().await else {
        return;
    };
    for key in ["put aside", "booked", "in spite of it"] {
        book(&mut conn, &order(key)).await.unwrap();
        if key == "put aside" {
            assert_eq!(archive(&servers).await.unwrap(), 1);
        }
    }
    let mut audit = Audit::connect(&servers).await.unwrap();
    let truth = [
        told("put aside", 200),
        told("booked", 200),
        told("refused", 409),
        told("unknown", 503),
        told("in spite of it", 408),
    ];
    let expected = Books {
        entries: 3,
        ..Books::default()
    };
    assert_eq!(audit.books(&truth).await.unwrap(), expected);
    assert!(expected.is_true());

    let more = raw_sql("UPDATE accounts SET cents = cents + 7 WHERE id = 3");
    more.execute(&mut conn).await.unwrap();
    let untrue = [
        told("nowhere", 200),
        told("put aside", 409),
        told("in spite of it", 409),
    ];
    let expected = Books {
        missing: 1,
        unwanted: 2,
        cents: 7,
        ..expected
    };
    assert_eq!(audit.books(&untrue).await.unwrap(), expected);
    assert!(!expected.is_true());
}

#[tokio::test]
async fn what_is_held_is_found() {
    let Some((servers, mut conn)) = start().await else {
        return;
    };
    let mut audit = Audit::connect(&servers).await.unwrap();
    assert_eq!(audit.rest().await.unwrap(), Held::default());

    let [_, redis] = servers.direct_urls();
    let client = redis::Client::open(redis).unwrap();
    let mut redis = client.get_multiplexed_async_connection().await.unwrap();
    let () = redis.set("account:7", "somebody").await.unwrap();
    raw_sql("BEGIN").execute(&mut conn).await.unwrap();
    let held = Held {
        locks: 1,
        transactions: 1,
    };
    assert_eq!(audit.rest().await.unwrap(), held);
}

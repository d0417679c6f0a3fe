//! The mock database: its contents, its log and every fault.

use std::panic::AssertUnwindSafe;

use forwith::{AsyncEnter, AsyncExit, IntoStream, Outcome, async_with};
use forwith_runtime::mock::{Connection, Database, Error, Fault, Latency, host_of};
use forwith_runtime::{Executor, JoinHandle, block_on, gather, spawn, yield_now};
use futures::{FutureExt, StreamExt, TryStreamExt};

use crate::common::polled;
use crate::timeless;

const URL: &str = "mock://db.somedomain.net";

/// A database that answers at once.
fn quick() -> Database {
    Database::new().with_latency(Latency::None)
}

async fn connected(database: &Database) -> Connection {
    database.connect(URL).enter().await.unwrap()
}

fn log(database: &Database) -> Vec<String> {
    timeless(database.log())
}

#[test]
fn whole_visit_is_logged_with_its_times() {
    let database = Database::new();
    Executor::with_virtual_clock().block_on(async {
        let mut db = connected(&database).await;
        db.set_key("cat", "meow").await.unwrap();
        let mut transaction = db.begin().enter().await.unwrap();
        transaction.set_key("dog", "woof").await.unwrap();
        transaction.exit(Outcome::Completed).await.unwrap();
        let pairs: Vec<_> = db.items().into_stream().try_collect().await.unwrap();
        assert_eq!(pairs, database.contents());
        db.exit(Outcome::Failed).await.unwrap();
    });
    let log: Vec<_> = database.log().iter().map(ToString::to_string).collect();
    assert_eq!(
        log,
        [
            "  0.300s  connection 1: opened",
            "  0.350s  connection 1: set_key cat",
            "  0.400s  connection 1: begin",
            "  0.400s  connection 1: transaction 1 opened",
            "  0.450s  connection 1: set_key dog",
            "  0.500s  connection 1: transaction 1 committed",
            "  0.550s  connection 1: cursor 1 opened",
            "  0.600s  connection 1: cursor 1 fetched page 1",
            "  0.650s  connection 1: cursor 1 closed",
            "  0.850s  connection 1: closed",
        ]
    );
    database.audit().unwrap();
}

#[test]
fn wrong_urls_are_refused_with_a_hint() {
    for url in [
        "db.somedomain.net",
        "mock:/db",
        "MOCK://db",
        "https://db.somedomain.net",
        "",
    ] {
        let error = host_of(url).unwrap_err().to_string();
        assert!(error.contains("must begin with `mock://`, as in `mock://db.somedomain.net`"));
    }
    for url in ["mock://", "mock:///animals", "mock://?x"] {
        assert!(
            host_of(url)
                .unwrap_err()
                .to_string()
                .contains("a host must follow")
        );
    }
    assert_eq!(host_of("mock://db:5432/animals"), Ok("db:5432"));
    let database = quick();
    assert!(matches!(
        block_on(database.connect("http://x").enter()),
        Err(Error::Url { .. })
    ));
    assert!(database.log().is_empty());
}

#[test]
fn requests_do_what_they_say() {
    block_on(async {
        let db = connected(&quick()).await;
        assert_eq!(db.is_empty().await, Ok(true));
        db.set_key("cat", "purr").await.unwrap();
        db.set_key("cat", "meow").await.unwrap();
        assert_eq!(db.len().await, Ok(1));
        assert_eq!(db.get_key("cat").await, Ok(Some("meow".into())));
        assert_eq!(db.delete_key("cat").await, Ok(Some("meow".into())));
        assert_eq!(db.get_key("cat").await, Ok(None));
        db.exit(Outcome::Completed).await.unwrap();
    });
}

#[test]
fn changes_are_visible_to_others_after_the_commit() {
    let database = quick();
    block_on(async {
        let other = connected(&database).await;
        other.set_key("cat", "meow").await.unwrap();
        let mut db = connected(&database).await;
        let mut transaction = db.begin().enter().await.unwrap();
        transaction.set_key("dog", "woof").await.unwrap();
        transaction.delete_key("cat").await.unwrap();
        assert_eq!(transaction.get_key("dog").await, Ok(Some("woof".into())));
        assert_eq!(transaction.get_key("cat").await, Ok(None));
        assert_eq!(other.get_key("dog").await, Ok(None));
        assert_eq!(other.get_key("cat").await, Ok(Some("meow".into())));
        transaction.exit(Outcome::Completed).await.unwrap();
        assert_eq!(other.get_key("dog").await, Ok(Some("woof".into())));
        assert_eq!(other.get_key("cat").await, Ok(None));
    });
}

#[test]
fn transaction_commits_only_a_completed_body() {
    for outcome in [Outcome::Failed, Outcome::Panicked("oh"), Outcome::Cancelled] {
        let database = quick();
        block_on(async {
            let mut db = connected(&database).await;
            let mut transaction = db.begin().enter().await.unwrap();
            transaction.set_key("dog", "woof").await.unwrap();
            transaction.exit(outcome).await.unwrap();
            db.exit(outcome).await.unwrap();
        });
        assert!(database.contents().is_empty());
        assert_eq!(log(&database)[4], "connection 1: transaction 1 rolled back");
        database.audit().unwrap();
    }
}

#[test]
fn client_in_a_task_works_until_the_connection_exits() {
    let database = quick();
    block_on(async {
        let db = connected(&database).await;
        let client = db.client();
        spawn(async move { client.set_key("cat", "meow").await })
            .await
            .unwrap()
            .unwrap();
        let (late, items) = (db.client(), db.items());
        db.exit(Outcome::Completed).await.unwrap();
        assert_eq!(late.len().await, Err(Error::Closed));
        assert_eq!(items.into_stream().next().await, Some(Err(Error::Closed)));
    });
    assert_eq!(log(&database).last().unwrap(), "connection 1: closed");
}

#[test]
fn connection_closes_its_cursors() {
    let database = quick();
    block_on(async {
        let db = connected(&database).await;
        db.set_key("cat", "meow").await.unwrap();
        let cursor = db.items().cursor().enter().await.unwrap();
        db.exit(Outcome::Completed).await.unwrap();
        assert_eq!(cursor.exit(Outcome::Completed).await, Err(Error::Closed));
    });
    let expected = [
        "connection 1: cursor 1 opened",
        "connection 1: cursor 1 abandoned",
        "connection 1: closed",
    ];
    assert_eq!(log(&database)[2..], expected);
    database.audit().unwrap();
}

#[test]
fn forgotten_transaction_ends_with_its_connection() {
    let database = quick();
    block_on(async {
        let mut db = connected(&database).await;
        std::mem::forget(db.begin().enter().await.unwrap());
        db.exit(Outcome::Completed).await.unwrap();
    });
    assert_eq!(log(&database)[3], "connection 1: transaction 1 abandoned");
    database.audit().unwrap();
}

#[test]
fn audit_finds_what_is_open() {
    let database = quick();
    block_on(async {
        let mut db = connected(&database).await;
        let _transaction = db.begin().enter().await.unwrap();
        assert_eq!(
            database.audit().unwrap_err().to_string(),
            "connection 1 was opened 1 times and ended 0 times; \
             transaction 1 was opened 1 times and ended 0 times"
        );
    });
    database.audit().unwrap();
}

/// Visits the database: a request, a transaction, a page and a goodbye.
async fn visit(database: &Database, outcome: Outcome<'_>) -> Result<(), Error> {
    let mut db = database.connect(URL).enter().await?;
    db.set_key("cat", "meow").await?;
    let mut transaction = db.begin().enter().await?;
    transaction.set_key("dog", "woof").await?;
    transaction.exit(outcome).await?;
    db.items()
        .into_stream()
        .try_for_each(async |_| Ok(()))
        .await?;
    db.exit(outcome).await
}

/// Visits a database with one fault. Gives the result and the log.
fn struck(fault: Fault, outcome: Outcome<'_>) -> (Result<(), Error>, Vec<String>) {
    let database = quick();
    database.inject(fault);
    let result = block_on(visit(&database, outcome));
    database.audit().unwrap();
    let end = log(&database);
    assert_eq!(
        block_on(visit(&database, outcome)),
        Ok(()),
        "{fault:?} strikes once"
    );
    (result, end)
}

#[test]
fn refused_connection_opens_nothing() {
    let (result, log) = struck(Fault::RefuseConnect, Outcome::Completed);
    assert_eq!(result, Err(Error::Refused));
    assert_eq!(log, ["connection 1: refused"]);
}

#[test]
fn failing_request_abandons_the_connection() {
    let (result, log) = struck(Fault::FailRequest(1), Outcome::Completed);
    assert_eq!(result, Err(Error::Request("set_key cat".into())));
    let expected = ["opened", "set_key cat failed", "abandoned"];
    assert_eq!(log, expected.map(|what| format!("connection 1: {what}")));
    let (result, log) = struck(Fault::FailRequest(3), Outcome::Completed);
    assert_eq!(result, Err(Error::Request("set_key dog".into())));
    assert_eq!(log[5], "connection 1: transaction 1 abandoned");
}

#[test]
fn failing_commit_is_the_result() {
    let (result, log) = struck(Fault::FailCommit, Outcome::Completed);
    assert_eq!(result, Err(Error::Commit));
    let expected = ["commit failed", "transaction 1 rolled back", "abandoned"];
    assert_eq!(
        log[5..],
        expected.map(|what| format!("connection 1: {what}"))
    );
}

#[test]
fn failing_rollback_is_the_result() {
    let (result, log) = struck(Fault::FailRollback, Outcome::Failed);
    assert_eq!(result, Err(Error::Rollback));
    let expected = ["rollback failed", "transaction 1 abandoned", "abandoned"];
    assert_eq!(
        log[5..],
        expected.map(|what| format!("connection 1: {what}"))
    );
}

#[test]
fn failing_page_is_the_result() {
    let (result, log) = struck(Fault::FailPage(1), Outcome::Completed);
    assert_eq!(result, Err(Error::Page(1)));
    let expected = [
        "page 1 of cursor 1 failed",
        "cursor 1 abandoned",
        "abandoned",
    ];
    assert_eq!(
        log[7..],
        expected.map(|what| format!("connection 1: {what}"))
    );
}

#[test]
fn failing_goodbye_is_the_result() {
    let (result, log) = struck(Fault::FailTeardown, Outcome::Completed);
    assert_eq!(result, Err(Error::Teardown));
    assert_eq!(
        log[log.len() - 2..],
        ["connection 1: goodbye failed", "connection 1: abandoned"]
    );
}

#[test]
fn panic_in_an_exit_abandons_the_rest() {
    let database = quick();
    database.inject(Fault::PanicInExit);
    let visit = AssertUnwindSafe(visit(&database, Outcome::Completed));
    assert!(block_on(visit.catch_unwind()).is_err());
    let expected = [
        "connection 1: transaction 1 abandoned",
        "connection 1: abandoned",
    ];
    assert_eq!(log(&database)[5..], expected);
    database.audit().unwrap();
}

#[test]
fn everything_ends_once_after_a_drop_at_any_poll() {
    for polls in 0.. {
        let database = Database::new().with_latency(Latency::Yields(2));
        let result = polled(visit(&database, Outcome::Completed), polls);
        database
            .audit()
            .unwrap_or_else(|audit| panic!("after {polls} polls: {audit}"));
        let log = log(&database).join("\n");
        if result.is_some() {
            assert!(!log.contains("abandoned"));
            assert!(polls > 20, "{polls} polls are too few to mean anything");
            return;
        }
        assert_eq!(
            log.contains("handshake cut"),
            (1..5).contains(&polls),
            "after {polls} polls"
        );
        assert_eq!(
            log.contains("connection 1: abandoned"),
            polls > 4,
            "after {polls} polls"
        );
    }
}

/// A visit that ends in good order.
async fn scoped_visit(database: Database) -> Result<usize, Error> {
    async_with!(database.connect(URL) as db, {
        db.set_key("cat", "meow").await?;
        async_with!(db.begin() as transaction, {
            transaction.set_key("dog", "woof").await?;
        })?;
        let pairs = async_with!(db.items().cursor() as cursor, {
            let pairs: Vec<_> = cursor.try_collect().await?;
            pairs.len()
        })?;
        gather([1, 2].map(|_| count(database.clone()))).await;
        pairs
    })
}

async fn count(database: Database) {
    let _ = async_with!(database.connect(URL) as db, { db.len().await });
}

/// Stops a visit after every number of turns. Asserts that nothing stays open, and passes the log
/// to `check`.
fn stopped_after_every_turn(
    stop: impl Fn(&JoinHandle<Result<usize, Error>>),
    check: impl Fn(&str),
) {
    for turns in 0.. {
        let database = Database::new().with_latency(Latency::Yields(2));
        let whole = Executor::with_virtual_clock().block_on(async {
            let task = spawn(scoped_visit(database.clone()));
            for _ in 0..turns {
                yield_now().await;
            }
            let whole = task.is_finished();
            stop(&task);
            whole
        });
        database
            .audit()
            .unwrap_or_else(|audit| panic!("after {turns} turns: {audit}"));
        check(&log(&database).join("\n"));
        if whole {
            assert!(turns > 30, "{turns} turns are too few to mean anything");
            return;
        }
    }
}

#[test]
fn cancel_at_any_turn_abandons_nothing() {
    let check = |log: &str| assert!(!log.contains("abandoned"), "{log}");
    stopped_after_every_turn(JoinHandle::cancel, check);
    stopped_after_every_turn(|_| (), check); // by the end of the executor
}

#[test]
fn abort_at_any_turn_says_every_goodbye() {
    // One goodbye may have begun, and is cut.
    let check = |log: &str| {
        let cut = log.lines().filter(|line| line.ends_with(": abandoned"));
        assert!(cut.count() <= 1, "{log}");
    };
    stopped_after_every_turn(JoinHandle::abort, check);
}

#[test]
fn other_executors_run_it_unchanged() {
    let database = Database::new().with_latency(Latency::Yields(2));
    futures::executor::block_on(visit(&database, Outcome::Completed)).unwrap();
    async_io::block_on(visit(&database, Outcome::Completed)).unwrap();
    database.audit().unwrap();
}

#[test]
fn futures_and_handles_are_send() {
    fn check<T: Send + Sync>(_: &T) {}
    let database = Database::new();
    check(&database);
    check(&database.connect(URL));
    check(&database.connect(URL).enter());
    check(&visit(&database, Outcome::Completed));
    block_on(async {
        let mut db = connected(&quick()).await;
        check(&db);
        check(&db.client());
        check(&db.items().into_stream());
        check(&db.begin());
        check(&db.exit(Outcome::Completed));
    });
}

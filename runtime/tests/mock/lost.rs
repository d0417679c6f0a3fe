//! None of the mock database's exits is counted as lost.
//!
//! The count is the process's, so each test has a process of its own.

use std::future::pending;

use forwith::async_with;
use forwith::report::lost_exits;
use forwith_runtime::mock::{Database, Error, Latency};
use forwith_runtime::{Executor, JoinHandle, sleep, spawn};

use crate::common::alone::alone;
use crate::common::{polled, secs};
use crate::timeless;

const URL: &str = "mock://db.somedomain.net";

/// Holds a connection and a transaction for ever.
async fn stays(database: Database) -> Result<(), Error> {
    async_with!(database.connect(URL) as db, {
        async_with!(db.items().cursor(), db.begin() as transaction, {
            transaction.set_key("dog", "woof").await?;
            pending::<()>().await;
        })?;
    })
}

/// Stops a visit with `stop` after a second. Gives the end of the log.
fn stopped(stop: impl FnOnce(&JoinHandle<Result<(), Error>>)) -> Vec<String> {
    let database = Database::new();
    let lost = lost_exits();
    Executor::with_virtual_clock().block_on(async {
        let task = spawn(stays(database.clone()));
        sleep(secs(1)).await;
        stop(&task);
        assert!(task.await.is_err());
    });
    database.audit().unwrap();
    assert!(database.contents().is_empty());
    assert_eq!(lost_exits(), lost, "the server was told of everything");
    let log = database.log().into_iter().skip(5);
    log.map(|entry| entry.to_string()).collect()
}

#[test]
fn cancelled_visit_says_goodbye_in_its_task() {
    alone(|| {
        let expected = [
            "  1.050s  connection 1: transaction 1 rolled back",
            "  1.100s  connection 1: cursor 1 closed",
            "  1.300s  connection 1: closed",
        ];
        assert_eq!(stopped(JoinHandle::cancel), expected);
    });
}

#[test]
fn aborted_visit_says_goodbye_in_the_reaper() {
    alone(|| {
        let expected = [
            "  1.000s  connection 1: transaction 1 abandoned",
            "  1.000s  connection 1: cursor 1 abandoned",
            "  1.200s  connection 1: closed",
        ];
        assert_eq!(stopped(JoinHandle::abort), expected);
    });
}

#[test]
fn dropped_visit_tells_the_server_at_once() {
    alone(|| {
        let database = Database::new().with_latency(Latency::Yields(1));
        let lost = lost_exits();
        assert_eq!(polled(stays(database.clone()), 9), None);
        let expected = [
            "connection 1: set_key dog",
            "connection 1: transaction 1 abandoned",
            "connection 1: cursor 1 abandoned",
            "connection 1: abandoned",
        ];
        let log = timeless(database.log());
        assert_eq!(log[log.len() - 4..], expected);
        assert_eq!(lost_exits(), lost);
    });
}

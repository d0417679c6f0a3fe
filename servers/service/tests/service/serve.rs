//! What the service answers, however it is written.

use std::net::SocketAddr;

use forwith_example_service::bank::HISTORY;
use forwith_testing::until;
use serde_json::json;
use sqlx::{PgConnection, query_as, query_scalar};

use crate::client::{ask, ask_in_time, order, transfer};
use crate::service::{Service, Urls};

/// The numbers of entries, and the cents of the accounts 1 and 2.
async fn books(conn: &mut PgConnection) -> (i64, i64, i64) {
    let books = "SELECT (SELECT count(*) FROM ledger), \
         (SELECT cents FROM accounts WHERE id = 1), (SELECT cents FROM accounts WHERE id = 2)";
    query_as(books).fetch_one(conn).await.unwrap()
}

async fn orders_are_booked_once(kind: &'static str) {
    let Some(urls) = Urls::shared().await else {
        return;
    };
    let service = Service::start(kind, &urls).await;
    let address = service.address;
    let mut conn = urls.connect().await;

    let rent = order("rent", 1, 2, 70);
    let receipt = transfer(address, &rent).await.json();
    let entry = query_scalar("SELECT entry FROM ledger WHERE key = 'rent'");
    let entry: i64 = entry.fetch_one(&mut conn).await.unwrap();
    assert_eq!(receipt, json!({ "entry": entry, "balance": 999_930 }));
    let booked = (HISTORY + 1, 999_930, 1_000_070);
    assert_eq!(books(&mut conn).await, booked);

    // The client has not heard the answer, and asks again.
    assert_eq!(transfer(address, &rent).await.json(), receipt);
    assert_eq!(books(&mut conn).await, booked);

    for (order, why) in [
        (order("castle", 1, 2, 1 << 40), "too little money"),
        (order("nothing", 1, 2, 0), "nothing to transfer"),
        (order("myself", 1, 1, 70), "nothing to transfer"),
        (order("nobody", 1, 101, 70), "no such account"),
    ] {
        let answer = transfer(address, &order).await;
        assert_eq!((answer.status, &*answer.body), (409, why));
    }
    assert_eq!(books(&mut conn).await, booked);

    service.terminate();
    let (ended, said) = service.ended().await;
    let is_ours = kind == "forwith";
    let lost = is_ours.then_some(0);
    assert_eq!((ended.lost, ended.left), (lost, None), "{said}");
    // The others abort the task that closes the books.
    assert!(!is_ours || urls.locks().await.is_empty());
    urls.until_no_session().await;
}

#[tokio::test]
async fn orders_are_booked_once_with_forwith() {
    orders_are_booked_once("forwith").await;
}

#[tokio::test]
async fn orders_are_booked_once_without() {
    orders_are_booked_once("plain").await;
}

#[tokio::test]
async fn orders_are_booked_once_in_tasks() {
    orders_are_booked_once("tasks").await;
}

async fn reports_and_statements_have_all_entries(kind: &'static str) {
    let Some(urls) = Urls::shared().await else {
        return;
    };
    let service = Service::start(kind, &urls).await;
    let mut conn = urls.connect().await;
    let rent = transfer(service.address, &order("rent", 1, 2, 70)).await;
    assert_eq!(rent.status, 200);

    let mut expected = (0, 0);
    for (path, account) in [("/report", None), ("/report?account=1", Some(1_i64))] {
        let entries = "SELECT count(*), sum(cents)::bigint FROM ledger \
             WHERE $1::bigint IS NULL OR $1 IN (debtor, creditor)";
        let entries = query_as(entries).bind(account);
        expected = entries.fetch_one(&mut conn).await.unwrap();
        until_whole(service.address, path, expected).await;
    }

    let report = until_whole(service.address, "/report?account=1", expected).await;
    let statement = ask_in_time(service.address, "POST", "/statements?account=1", "").await;
    assert_eq!((statement.status, &*statement.body), (200, "1.csv"));
    let file = service.dir.path().join("1.csv");
    assert_eq!(std::fs::read_to_string(file).unwrap(), report);
    let nobodys = ask(service.address, "POST", "/statements", "").await;
    assert_eq!((nobodys.status, &*nobodys.body), (409, "whose account?"));
    let files = std::fs::read_dir(service.dir.path()).unwrap();
    assert_eq!(files.count(), 1);
}

/// Gives the report that has so many entries and cents. The time limit may cut others short.
async fn until_whole(address: SocketAddr, path: &str, expected: (i64, i64)) -> String {
    until("a whole report", async || {
        let report = ask(address, "GET", path, "").await;
        let sums = sums(&report.body);
        if sums == Some(expected) {
            Ok(report.body)
        } else {
            Err(sums)
        }
    })
    .await
}

/// The number of entries of a report, and the sum of their cents, unless its last line is cut.
fn sums(report: &str) -> Option<(i64, i64)> {
    let mut lines = report.lines();
    assert_eq!(lines.next(), Some("entry,from,to,cents"));
    lines.try_fold((0, 0), |(number, sum), line| {
        let cents: i64 = line.rsplit(',').next()?.parse().ok()?;
        Some((number + 1, sum + cents))
    })
}

#[tokio::test]
async fn reports_and_statements_have_all_entries_with_forwith() {
    reports_and_statements_have_all_entries("forwith").await;
}

#[tokio::test]
async fn reports_and_statements_have_all_entries_without() {
    reports_and_statements_have_all_entries("plain").await;
}

//! The end of the service with forwith, in the midst of work and without its servers.

use std::time::Duration;

use forwith_testing::{start_postgres, start_redis, until};
use redis::AsyncCommands;
use sqlx::{Connection, PgConnection, query_scalar, raw_sql};
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::client::{Answer, answer, order, send};
use crate::service::{Service, Urls};

/// So long an answer is looked for between two looks at the sessions.
const SHORT: Duration = Duration::from_millis(5);

/// Sends a transfer from an account whose row somebody holds, until it waits for that. It is sent
/// again if the time limit has ended it before.
async fn transfer_that_waits(service: &Service, urls: &Urls, key: &str) -> TcpStream {
    let mut looks = urls.connect().await;
    let order = order(key, 5, 6, 70);
    let mut asked = send(service.address, "POST", "/transfers", &order).await;
    let waits = "SELECT EXISTS (SELECT FROM pg_stat_activity \
         WHERE datname = current_database() AND wait_event_type = 'Lock')";
    until("a session that waits", async || {
        if query_scalar(waits).fetch_one(&mut looks).await.unwrap() {
            return Ok(());
        }
        if timeout(SHORT, asked.readable()).await.is_ok() {
            asked = send(service.address, "POST", "/transfers", &order).await;
        }
        Err("none")
    })
    .await;
    asked
}

#[tokio::test]
async fn work_under_way_ends_as_a_whole() {
    let Some(urls) = Urls::shared().await else {
        return;
    };
    let service = Service::start("forwith", &urls).await;
    let mut looks = urls.connect().await;

    // One transfer waits for its row, one for its lock, and a report for its reader.
    let holder = take_row(&urls).await;
    let client = redis::Client::open(&*urls.redis).unwrap();
    let mut redis = client.get_multiplexed_async_connection().await.unwrap();
    let _: () = redis.set("account:7", "somebody").await.unwrap();
    let report = send(service.address, "GET", "/report", "").await;
    let without_lock = order("without lock", 7, 8, 70);
    let without_lock = send(service.address, "POST", "/transfers", &without_lock).await;
    let without_row = transfer_that_waits(&service, &urls, "without row").await;

    service.terminate();
    until("the end of listening", async || {
        let connected = TcpStream::connect(service.address).await;
        connected.map_or(Ok(()), |_| Err("that it listens"))
    })
    .await;
    holder.close().await.unwrap();
    let (ended, said) = service.ended().await;
    assert_eq!((ended.lost, ended.left), (Some(0), None), "{said}");

    let () = redis.del("account:7").await.unwrap();
    assert_eq!(urls.locks().await, [""; 0]);
    urls.until_no_session().await;
    for (key, asked) in [("without lock", without_lock), ("without row", without_row)] {
        let answer = answer(asked).await;
        let entry = "SELECT count(*) FROM ledger WHERE key = $1";
        let entry: i64 = query_scalar(entry)
            .bind(key)
            .fetch_one(&mut looks)
            .await
            .unwrap();
        assert_eq!(answer.status == 200, entry == 1, "{key}: {answer:?}");
        assert!([200, 408, 503].contains(&answer.status), "{answer:?}");
    }
    drop(report);
}

/// Takes the row of an account, until the session ends.
async fn take_row(urls: &Urls) -> PgConnection {
    let mut holder = urls.connect().await;
    let take = "BEGIN; SELECT FROM accounts WHERE id = 5 FOR UPDATE";
    raw_sql(take).execute(&mut holder).await.unwrap();
    holder
}

#[tokio::test]
async fn shutdown_without_redis_is_said() {
    let started = spawn_blocking(|| Some((forwith_testing::postgres()?, start_redis("")?)));
    let Some((_, redis)) = started.await.unwrap() else {
        return;
    };
    let mut urls = Urls::shared().await.expect("PostgreSQL is there");
    urls.redis = format!("redis://127.0.0.1:{}", redis.port);
    let service = Service::start("forwith", &urls).await;
    let holder = take_row(&urls).await;
    let asked = transfer_that_waits(&service, &urls, "rent").await;
    redis.kill();
    service.terminate();
    holder.close().await.unwrap();

    let answer = answer(asked).await;
    let (ended, said) = service.ended().await;
    assert_eq!((ended.lost, ended.left), (Some(0), None), "{said}");
    is_told(&answer, &said, "HeldLock");
    urls.until_no_session().await;
}

#[tokio::test]
async fn shutdown_without_postgres_is_said() {
    let started = spawn_blocking(|| Some((start_postgres("")?, start_redis("")?)));
    let Some((postgres, redis)) = started.await.unwrap() else {
        return;
    };
    let urls = Urls::of(&postgres, &redis);
    let service = Service::start("forwith", &urls).await;
    let _holder = take_row(&urls).await;
    let asked = transfer_that_waits(&service, &urls, "rent").await;
    postgres.kill();
    service.terminate();

    let answer = answer(asked).await;
    let (ended, said) = service.ended().await;
    assert_eq!((ended.lost, ended.left), (Some(0), None), "{said}");
    is_told(&answer, &said, "HeldTransaction");
    assert_eq!(urls.locks().await, [""; 0]);
}

/// Either the client hears of the exit that failed, or it was told before, and the log has it.
#[track_caller]
fn is_told(answer: &Answer, said: &str, resource: &str) {
    let in_log = |line: &str| line.contains("an exit in a request went wrong");
    match answer.status {
        503 => assert!(!answer.body.is_empty() && !answer.body.contains('\n')),
        _ => assert!(
            said.lines()
                .any(|line| in_log(line) && line.contains(resource)),
            "{answer:?}\n{said}"
        ),
    }
}

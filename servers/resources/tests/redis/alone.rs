//! What redis-rs does by itself. Without it, the resources could be simpler.

use std::time::Duration;

use forwith_testing::strike::poll_times;
use forwith_testing::{soon, until};
use redis::{AsyncCommands, RedisResult, cmd, pipe};

use crate::site::{Site, site};

/// Waits until a connection is blocked at the server.
async fn until_blocked(site: &Site, id: u64) {
    until("a command that blocks", async || {
        let client = site.client(id).await.ok_or("it is gone")?;
        let flags = client.split(" flags=").nth(1).unwrap_or_default();
        if flags.starts_with('b') {
            Ok(())
        } else {
            Err("it does not block")
        }
    })
    .await;
}

/// Without this, `connection` need not close the connection of a command that is dropped.
#[tokio::test]
async fn pop_of_redis_that_is_dropped_takes_the_next_element() {
    let site = site!("alone:pop");
    let mut conn = site.shared().await;
    let id: u64 = cmd("CLIENT")
        .arg("ID")
        .query_async(&mut conn)
        .await
        .unwrap();
    tokio::select! {
        popped = conn.blpop::<_, (String, String)>(site.name, 0.0) => panic!("{popped:?}"),
        () = until_blocked(&site, id) => {}
    }
    let () = site.ask(&format!("RPUSH {} element", site.name)).await;
    let len: u32 = site.ask(&format!("LLEN {}", site.name)).await;
    assert_eq!(
        len, 0,
        "this release of redis takes a `BLPOP` back that was dropped (1.8.1 does not): change the \
         row in the README, and see whether `Asked` is still needed"
    );
}

/// Without this, `connection` need not set the response timeout.
#[tokio::test]
async fn command_of_redis_is_given_up_behind_half_a_second() {
    let site = site!("alone:timeout");
    let mut conn = site
        .client
        .get_multiplexed_async_connection()
        .await
        .unwrap();
    let popped = soon(
        "an answer",
        conn.blpop::<_, Option<(String, String)>>(site.name, 20.0),
    );
    let error = popped.await.err();
    assert!(
        error.is_some_and(|error| error.is_timeout()),
        "this release of redis waits for a blocking command by default (1.8.1 gives up behind 500 \
         ms): change the row in the README"
    );
}

/// Without this, `watch` need not have a connection of its own.
#[tokio::test]
async fn watch_of_redis_is_that_of_all_clones() {
    let site = site!("alone:watch");
    let mut conn = site.shared().await;
    {
        let mut clone = conn.clone();
        cmd("WATCH")
            .arg(site.name)
            .exec_async(&mut clone)
            .await
            .unwrap();
    }
    let () = site.ask(&format!("SET {} 1", site.name)).await;
    let other = format!("{}:other", site.name);
    let executed: Option<()> = pipe()
        .atomic()
        .set(&other, 1)
        .ignore()
        .query_async(&mut conn)
        .await
        .unwrap();
    assert_eq!(
        executed, None,
        "this release of redis ends a `WATCH` with the clone that has sent it (1.8.1 does not): \
         change the row in the README"
    );
}

/// Without this, `watch` need not close a connection that is in the midst of a transaction.
#[tokio::test]
async fn multi_of_redis_is_that_of_all_clones() {
    let site = site!("alone:multi");
    let mut conn = site.shared().await;
    {
        let mut clone = conn.clone();
        cmd("MULTI").exec_async(&mut clone).await.unwrap();
    }
    let queued: RedisResult<String> = conn.get(site.name).await;
    assert_eq!(
        queued.ok().as_deref(),
        Some("QUEUED"),
        "this release of redis ends a `MULTI` with the clone that has sent it (1.8.1 does not): \
         change the row in the README"
    );
}

/// Without this, a lock need not be released where its enter was dropped.
#[tokio::test]
async fn set_of_redis_that_is_dropped_is_executed() {
    let site = site!("alone:set");
    let mut conn = site.shared().await;
    let mut clone = conn.clone();
    let set = cmd("SET").arg(site.name).arg("token").arg("NX").clone();
    let mut answer = Box::pin(set.query_async::<()>(&mut conn));
    assert!(futures::poll!(answer.as_mut()).is_pending());
    tokio::task::yield_now().await; // the library sends it
    drop(answer);
    // Behind this answer, all that was sent has been executed.
    let () = cmd("PING").query_async(&mut clone).await.unwrap();
    assert!(
        site.is_locked().await,
        "this release of redis takes a `SET` back that was dropped (1.8.1 does not): change the \
         row in the README, and see whether the outliving enter is still needed"
    );
}

/// Without this, a release that is queued need not say that nobody waits for its answer.
#[tokio::test]
async fn command_of_redis_that_is_dropped_at_once_is_not_sent() {
    let site = site!("alone:unsent");
    let mut conn = site.shared().await;
    let set = cmd("SET").arg(site.name).arg(1).clone();
    assert!(
        poll_times(1, set.query_async::<()>(&mut conn))
            .await
            .is_none()
    );
    let () = cmd("PING").query_async(&mut conn).await.unwrap();
    assert!(
        !site.is_locked().await,
        "this release of redis sends a command that is dropped before its turn (1.8.1 does not): \
         see whether `send_unheard` still needs `set_no_response`"
    );
}

/// Without this, `subscribe` need not await the end of the subscription.
#[tokio::test]
async fn subscription_of_redis_that_is_dropped_ends_later() {
    let site = site!("alone:sub");
    let mut pubsub = site.client.get_async_pubsub().await.unwrap();
    pubsub.subscribe(site.name).await.unwrap();
    drop(pubsub);
    // This thread has not been given to the library yet.
    let mut admin = redis::Client::open(("127.0.0.1", forwith_testing::redis().unwrap().port))
        .unwrap()
        .get_connection_with_timeout(Duration::from_secs(5))
        .unwrap();
    let (_, receivers): (String, u32) = cmd("PUBSUB")
        .arg("NUMSUB")
        .arg(site.name)
        .query(&mut admin)
        .unwrap();
    assert_eq!(
        receivers, 1,
        "this release of redis unsubscribes in the destructor (1.8.1 does not): change the row in \
         the README"
    );
}

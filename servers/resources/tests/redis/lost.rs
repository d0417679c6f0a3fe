//! Locks that are lost, and servers that are gone.

use std::cell::Cell;
use std::time::Duration;

use forwith::{CancelToken, async_with, scope};
use forwith_resources::redis::{TakeLock, is_lock_lost, lock};
use forwith_testing::{Way, redis, soon, start_redis, until};
use redis::RedisResult;
use redis::aio::ConnectionManager;

use crate::site::{Site, client_of, site};

const SHORT: Duration = Duration::from_millis(900);

/// Somebody takes the key away while the body runs.
async fn take_away(site: &Site) {
    until("the lock", async || {
        if site.is_locked().await {
            Ok(())
        } else {
            Err(())
        }
    })
    .await;
    let () = site.ask(&format!("SET {} other", site.name)).await;
}

async fn assert_others(site: &Site) {
    let token: String = site.ask(&format!("GET {}", site.name)).await;
    assert_eq!(token, "other", "the lock of somebody else was released");
    let () = site.ask(&format!("DEL {}", site.name)).await;
}

#[tokio::test]
async fn body_of_a_lost_lock_is_stopped() {
    let site = site!("stopped");
    let was_stopped = Cell::new(true);
    let work = async {
        async_with!(lock(&site.client, site.name).lease(SHORT), {
            std::future::pending::<()>().await;
            was_stopped.set(false);
        })
    };
    let (ended, ()): (RedisResult<()>, ()) =
        soon("the stop", async { tokio::join!(work, take_away(&site)) }).await;
    let error = ended.unwrap_err();
    assert!(is_lock_lost(&error), "{error}");
    assert!(was_stopped.get());
    assert_others(&site).await;
}

#[tokio::test]
async fn body_that_goes_on_is_told() {
    let site = site!("told");
    let take = lock(&site.client, site.name).lease(SHORT).body_goes_on();
    let work = async {
        async_with!(take as lock, {
            let inner = scope(std::future::pending::<()>(), lock.lost()).await;
            assert!(inner.is_err());
            assert!(lock.is_lost());
            42
        })
    };
    let (ended, ()): (RedisResult<i32>, ()) =
        soon("the news", async { tokio::join!(work, take_away(&site)) }).await;
    let error = ended.unwrap_err();
    assert!(is_lock_lost(&error), "{error}");
    assert_others(&site).await;
}

/// The body is faster than the next renewal, so only the exit can notice.
#[tokio::test]
async fn completed_body_of_a_lost_lock_is_an_error() {
    let site = site!("completed");
    let ended: RedisResult<()> = async {
        async_with!(lock(&site.client, site.name), {
            take_away(&site).await;
        })
    }
    .await;
    let error = ended.unwrap_err();
    assert!(is_lock_lost(&error), "{error}");
    assert_others(&site).await;
}

/// What a body does until its lock is lost.
async fn held_until_lost(take: TakeLock, held: &CancelToken) -> RedisResult<()> {
    async_with!(take, {
        held.cancel();
        std::future::pending::<()>().await
    })
}

#[tokio::test]
async fn lock_is_lost_with_its_server() {
    let Some(own) = start_redis("") else { return };
    for kind in ["client", "connection", "manager"] {
        let client = client_of(own.port);
        let manager = until("the server", async || {
            ConnectionManager::new(client.clone()).await
        })
        .await;
        let conn = client.get_multiplexed_async_connection().await.unwrap();
        let take = match kind {
            "client" => lock(&client, "lock"),
            "connection" => lock(&conn, "lock"),
            _ => lock(&manager, "lock"),
        };
        let take = take.lease(SHORT).release_limit(Duration::from_millis(500));
        let held = CancelToken::new();
        let end = async {
            held.cancelled().await;
            own.kill();
        };
        let work = held_until_lost(take, &held);
        let (ended, ()) = soon("the end", async { tokio::join!(work, end) }).await;
        let error = ended.unwrap_err();
        assert!(is_lock_lost(&error), "{kind}: {error}");
        own.up();
    }
}

/// A server that was restarted has forgotten the lock, and knows no token.
#[tokio::test]
async fn lock_is_lost_with_the_memory_of_its_server() {
    let Some(own) = start_redis("") else { return };
    let client = client_of(own.port);
    let held = CancelToken::new();
    let lease = Duration::from_secs(20); // longer than the restart
    let work = held_until_lost(lock(&client, "lock").lease(lease), &held);
    let restart = async {
        held.cancelled().await;
        own.restart();
    };
    let (ended, ()) = soon("the end", async { tokio::join!(work, restart) }).await;
    let error = ended.unwrap_err();
    assert!(is_lock_lost(&error), "{error}");
}

/// The server lives, and answers nothing.
#[tokio::test]
async fn exit_is_bounded_when_the_server_is_silent() {
    let Some(own) = start_redis("") else { return };
    let client = client_of(own.port);
    let conn = client.get_multiplexed_async_connection().await.unwrap();
    for take in [lock(&client, "one"), lock(&conn, "two")] {
        let take = take.release_limit(Duration::from_millis(100));
        let ended: RedisResult<()> = soon("the exit", async {
            async_with!(take, {
                own.signal("-STOP");
            })
        })
        .await;
        own.signal("-CONT");
        let error = ended.unwrap_err();
        assert!(error.is_timeout(), "{error}");
        assert!(!is_lock_lost(&error), "{error}");
    }
    // Both were released on their way, once the server had its turn.
    let site = Site::of("own", &own).await;
    until("the releases", async || {
        match site.ask::<u32>("EXISTS two").await {
            0 => Ok(()),
            other => Err(other),
        }
    })
    .await;
}

/// A lock of a client, or of a manager, survives its connection.
#[tokio::test]
async fn lock_is_renewed_on_the_next_connection() {
    let site = site!("next");
    let way = Way::to(redis().unwrap().port);
    let client = client_of(way.port);
    let manager = ConnectionManager::new(client.clone()).await.unwrap();
    for take in [lock(&client, site.name), lock(&manager, site.name)] {
        for is_cut_before_the_exit in [false, true] {
            let ended: RedisResult<()> = async {
                async_with!(take.clone().lease(SHORT * 2) as lock, {
                    way.cut();
                    let mut last: i64 = site.ask(&format!("PTTL {}", site.name)).await;
                    until("a renewal", async || {
                        let left = site.ask(&format!("PTTL {}", site.name)).await;
                        let before = std::mem::replace(&mut last, left);
                        if left > before { Ok(()) } else { Err(left) }
                    })
                    .await;
                    assert!(!lock.is_lost());
                    if is_cut_before_the_exit {
                        way.cut();
                    }
                })
            }
            .await;
            ended.unwrap();
            assert!(!site.is_locked().await);
        }
    }
}

/// A thread that is blocked cannot renew. The exit notices.
#[tokio::test]
async fn lock_behind_a_blocked_thread_is_lost() {
    let site = site!("blocked");
    let take = lock(&site.client, site.name).lease(Duration::from_millis(100));
    let ended: RedisResult<()> = async {
        async_with!(take.body_goes_on() as lock, {
            // The key ends on the server, whose clock this thread does not stop.
            let until = std::time::Instant::now() + forwith_testing::BOUND;
            while !lock.is_lost() {
                assert!(std::time::Instant::now() < until, "it is never lost");
                std::thread::yield_now();
            }
            until_forgotten(&site).await;
        })
    }
    .await;
    let error = ended.unwrap_err();
    assert!(is_lock_lost(&error), "{error}");
}

async fn until_forgotten(site: &Site) {
    until("the end of the lease", async || {
        if site.is_locked().await {
            Err(())
        } else {
            Ok(())
        }
    })
    .await;
}

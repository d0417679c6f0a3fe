//! Locks, struck in each phase.

use std::cell::Cell;
use std::time::Duration;

use forwith::reaper::Reaper;
use forwith::{AsyncEnterExt, async_with, scope};
use forwith_resources::redis::{TakeLock, lock};
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, caught, poll_times, strike};
use forwith_testing::{BOUND, soon, until};
use redis::aio::ConnectionManager;
use redis::{ErrorKind, RedisError, RedisResult};
use tokio::runtime::Handle;

use crate::site::{Site, site};

/// Nobody has the lock, or it ends by itself, and the rest of the test does not wait for that.
async fn assert_free(site: &Site, is_by_lease: bool, what: &str) {
    if is_by_lease {
        let left: i64 = site.ask(&format!("PTTL {}", site.name)).await;
        assert!(left > 0 || left == -2, "{left} ms are left: {what}");
        let () = site.ask(&format!("DEL {}", site.name)).await;
    } else {
        assert!(!site.is_locked().await, "somebody has the lock: {what}");
    }
}

/// The task that renews has ended, once those of the test alone are left, and at most the one that
/// all locks of a runtime share until the first renewal would have been due.
async fn assert_no_task(tasks: usize, what: &str) {
    let alive = || Handle::current().metrics().num_alive_tasks();
    until(&format!("the end of the tasks: {what}"), async || {
        let alive = alive();
        if alive <= tasks + 1 {
            Ok(())
        } else {
            Err(alive)
        }
    })
    .await;
}

#[tokio::test]
async fn lock_ends_with_its_body() {
    let site = site!("ends");
    for kind in ["completes", "fails", "panics"] {
        let work = async || -> RedisResult<()> {
            async_with!(lock(&site.client, site.name) as lock, {
                let token: String = site.ask(&format!("GET {}", site.name)).await;
                assert_eq!(token, lock.token());
                assert_eq!(lock.key(), site.name.as_bytes());
                assert!(!lock.is_lost());
                match kind {
                    "fails" => Err(RedisError::from((ErrorKind::Client, "fails")))?,
                    "panics" => panic!(),
                    _ => {}
                }
            })
        };
        drop(caught(async { drop(work().await) }).await);
        assert!(!site.is_locked().await, "right behind a body that {kind}");
    }
}

/// Strikes work with a lock at each of its waits.
async fn struck_in_each_phase(site: &Site, take: impl Fn() -> TakeLock, is_shared: bool) {
    let tasks = Handle::current().metrics().num_alive_tasks();
    let phase = Cell::new(Phase::Enter);
    // Longer than the test waits for anything, so that no lock is free by its lease.
    let lease = BOUND * 4;
    let work = async || -> RedisResult<u64> {
        async_with!(take().lease(lease) as lock, {
            phase.set(Phase::Body);
            site.shared().await; // waits
            phase.set(Phase::Exit);
            lock.fencing()
        })
    };
    let mut last = 0;
    for kind in STRIKES {
        for at in PHASES {
            let (mut time, mut tries) = (1, 0);
            loop {
                let what = format!("{kind:?} in {at:?}, {time}");
                let ended = strike(kind, at, time, &phase, work()).await;
                let is_by_lease = kind == Strike::DroppedWithoutReaper;
                if is_by_lease && is_shared {
                    // The release was queued, and is answered before this.
                    until(&format!("the release: {what}"), async || {
                        let is_locked = site.is_locked().await;
                        if is_locked { Err(()) } else { Ok(()) }
                    })
                    .await;
                }
                assert_free(site, is_by_lease, &what).await;
                assert_no_task(tasks, &what).await;
                tries += 1;
                assert!(tries < 200, "no strike: {what}");
                match ended {
                    Ended::Struck => time += 1,
                    Ended::First(ended) => {
                        let fencing = ended.unwrap();
                        assert!(fencing > last, "{fencing} behind {last}: {what}");
                        last = fencing;
                        if time > 1 || at == Phase::Exit {
                            break;
                        }
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn lock_of_a_client_is_struck_in_each_phase() {
    let site = site!("struck");
    struck_in_each_phase(&site, || lock(&site.client, site.name), false).await;
}

#[tokio::test]
async fn lock_on_a_connection_is_struck_in_each_phase() {
    let site = site!("struck:shared");
    let conn = site.shared().await;
    struck_in_each_phase(&site, || lock(&conn, site.name), true).await;
}

#[tokio::test]
async fn lock_on_a_manager_is_struck_in_each_phase() {
    let site = site!("struck:manager");
    let manager = ConnectionManager::new(site.client.clone()).await.unwrap();
    struck_in_each_phase(&site, || lock(&manager, site.name), true).await;
}

/// A holder whose process dies says nothing, and neither does this one.
#[tokio::test]
async fn lock_without_a_reaper_ends_by_its_lease() {
    let site = site!("lease");
    let take = || lock(&site.client, site.name).lease(Duration::from_millis(300));
    let work = async {
        async_with!(take(), { std::future::pending::<()>().await }).unwrap();
    };
    let held = until("the lock", async || {
        if site.is_locked().await {
            Ok(())
        } else {
            Err(())
        }
    });
    tokio::select! {
        () = work => unreachable!("it is pending"),
        () = held => {}
    }
    let next: RedisResult<bool> = soon("the end of the lease", async {
        async_with!(take(), { true })
    })
    .await;
    assert!(next.unwrap());
}

/// The lease would end thrice meanwhile.
#[tokio::test]
async fn lock_is_renewed_while_its_body_runs() {
    let site = site!("renewed");
    for is_shared in [false, true] {
        let conn = site.shared().await;
        let take = if is_shared {
            lock(&conn, site.name)
        } else {
            lock(&site.client, site.name)
        };
        let take = take.lease(Duration::from_secs(1)).body_goes_on();
        let ended: RedisResult<()> = async {
            async_with!(take as lock, {
                let mut renewed = 0;
                let mut last = i64::MAX;
                until("six renewals", async || {
                    let left: i64 = site.ask(&format!("PTTL {}", site.name)).await;
                    renewed += u32::from(left > last);
                    last = left;
                    if renewed >= 6 { Ok(()) } else { Err(renewed) }
                })
                .await;
                assert!(!lock.is_lost());
            })
        }
        .await;
        ended.unwrap();
        assert!(!site.is_locked().await);
    }
}

/// Somebody else has the lock, and keeps it.
#[tokio::test]
async fn wait_for_a_lock_is_given_up() {
    let site = site!("waits");
    let () = site.ask(&format!("SET {} other", site.name)).await;
    let asked = async || -> u64 {
        let stats: String = site.ask("INFO commandstats").await;
        let eval = stats.split("cmdstat_eval:calls=").nth(1);
        eval.map_or(0, |eval| eval.split(',').next().unwrap().parse().unwrap())
    };
    for kind in STRIKES {
        let before = asked().await;
        let work = async { async_with!(lock(&site.client, site.name), {}) };
        let until_it_waits = until("three questions", async || {
            let now = asked().await;
            if now >= before + 3 { Ok(()) } else { Err(now) }
        });
        let reaper = Reaper::tokio();
        let _entered = (kind != Strike::DroppedWithoutReaper).then(|| reaper.enter());
        if kind == Strike::Cancelled {
            let ended = soon("the scope", scope(work, until_it_waits)).await;
            assert!(ended.is_err());
        } else {
            tokio::select! {
                _ = work => unreachable!("the lock is taken"),
                () = until_it_waits => {}
            }
        }
        soon("the reaper", reaper.join()).await;
        let token: String = site.ask(&format!("GET {}", site.name)).await;
        assert_eq!(token, "other", "{kind:?}");
    }
    let limited = lock(&site.client, site.name).wait_limit(Duration::from_millis(120));
    let error = soon("the limit", async { async_with!(limited, {}) })
        .await
        .unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert!(error.to_string().contains("somebody else has had the lock"));
}

#[tokio::test]
async fn lock_that_is_taken_is_not_waited_for() {
    let site = site!("try");
    let has = async || -> RedisResult<bool> {
        async_with!(lock(&site.client, site.name).try_lock() as lock, {
            lock.is_some()
        })
    };
    assert!(has().await.unwrap());
    assert!(!site.is_locked().await);
    let () = site.ask(&format!("SET {} other", site.name)).await;
    assert!(!has().await.unwrap());
    let token: String = site.ask(&format!("GET {}", site.name)).await;
    assert_eq!(token, "other");
    let () = site.ask(&format!("DEL {}", site.name)).await;
    for times in 1..12 {
        let reaper = Reaper::tokio();
        let _entered = reaper.enter();
        let work = async { async_with!(lock(&site.client, site.name).try_lock(), {}) };
        drop(poll_times(times, work).await);
        soon("the reaper", reaper.join()).await;
        assert!(!site.is_locked().await, "dropped behind {times} polls");
    }
}

/// The whole wait goes on in the reaper, and so does the exit.
#[tokio::test]
async fn lock_as_an_owned_enter_outlives_a_drop() {
    let site = site!("outlives");
    for times in 1..8 {
        let reaper = Reaper::tokio();
        let _entered = reaper.enter();
        let work = async { async_with!(lock(&site.client, site.name).outliving(), {}) };
        drop(poll_times(times, work).await);
        soon("the reaper", reaper.join()).await;
        assert!(!site.is_locked().await, "dropped behind {times} polls");
    }
}

/// A script sets the key, and then fails.
#[tokio::test]
async fn lock_whose_counter_is_no_number_is_not_held() {
    let site = site!("no_number");
    let () = site
        .ask(&format!("SET {{{}}}:fencing text", site.name))
        .await;
    let error = async { async_with!(lock(&site.client, site.name), {}) }
        .await
        .unwrap_err();
    assert!(error.to_string().contains("not an integer"), "{error}");
    assert!(!site.is_locked().await);
}

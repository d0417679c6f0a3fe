//! Several tasks that want one lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use forwith::reaper::Reaper;
use forwith::{CancelToken, async_with, scope};
use forwith_resources::redis::lock;
use forwith_testing::soon;
use forwith_testing::strike::poll_times;
use redis::RedisResult;
use redis::aio::MultiplexedConnection;

use crate::site::{Site, site};

/// What the holders of a lock see of each other.
#[derive(Default)]
struct Seen {
    is_held: AtomicBool,
    last: AtomicU64,
    completed: AtomicU64,
}

/// A holder. When it is dropped, it holds no longer.
struct Holds<'a>(&'a Seen);

impl Seen {
    fn hold(&self, fencing: u64) -> Holds<'_> {
        assert!(!self.is_held.swap(true, Ordering::SeqCst), "two hold it");
        let last = self.last.swap(fencing, Ordering::SeqCst);
        assert!(fencing > last, "{fencing} behind {last}");
        Holds(self)
    }
}

impl Drop for Holds<'_> {
    fn drop(&mut self) {
        self.0.is_held.store(false, Ordering::SeqCst);
    }
}

/// A generator of numbers, the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from(self.0 % u64::from(bound)).unwrap()
    }
}

async fn hold(
    on: &MultiplexedConnection,
    site: &Site,
    has_own: bool,
    seen: &Seen,
) -> RedisResult<()> {
    let take = if has_own {
        lock(&site.client, site.name)
    } else {
        lock(on, site.name)
    };
    async_with!(take.interval(Duration::from_millis(4)) as lock, {
        let _holds = seen.hold(lock.fencing());
        for _ in 0..3 {
            let mut conn = on.clone();
            let token: String = redis::cmd("GET")
                .arg(site.name)
                .query_async(&mut conn)
                .await?;
            assert_eq!(token, lock.token());
        }
    })?;
    seen.completed.fetch_add(1, Ordering::SeqCst);
    Ok(())
}

/// What one of the tasks does, again and again: it is cancelled, dropped, or completes.
async fn contend(site: Arc<Site>, seen: Arc<Seen>, start: u64) {
    let mut random = Random(start * 0x9E37_79B9 + 1);
    let conn = site.shared().await;
    for _ in 0..12 {
        let work = hold(&conn, &site, random.below(3) == 0, &seen);
        match random.below(4) {
            0 => drop(poll_times(random.below(40) as usize + 1, work).await),
            1 => {
                let stop = CancelToken::new();
                let turns = random.below(40);
                let stopped = async {
                    for _ in 0..turns {
                        let mut conn = conn.clone();
                        let () = redis::cmd("PING").query_async(&mut conn).await.unwrap();
                    }
                    stop.cancel();
                    std::future::pending::<()>().await;
                };
                let work = scope(work, &stop);
                tokio::select! {
                    ended = work => drop(ended.map(Result::unwrap)),
                    () = stopped => unreachable!("it is pending"),
                }
            }
            _ => work.await.unwrap(),
        }
    }
}

#[tokio::test]
async fn two_never_hold_a_lock() {
    let site = Arc::new(site!("contended"));
    let reaper = Reaper::tokio();
    let _entered = reaper.enter(); // all tasks are on this thread
    let seen = Arc::new(Seen::default());
    let tasks: Vec<_> = (1..=6)
        .map(|start| tokio::spawn(contend(site.clone(), seen.clone(), start)))
        .collect();
    for task in tasks {
        soon("a task", task).await.unwrap();
    }
    soon("the reaper", reaper.join()).await;
    assert!(!site.is_locked().await, "somebody has the lock in the end");
    let completed = seen.completed.load(Ordering::SeqCst);
    assert!(completed > 20, "only {completed} completed");
    let counted: u64 = site.ask(&format!("GET {{{}}}:fencing", site.name)).await;
    assert!(counted >= seen.last.load(Ordering::SeqCst));
}

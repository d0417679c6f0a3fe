//! Transactions that wait for the writer.

use std::sync::Arc;

use forwith::reaper::Reaper;
use forwith::{CancelToken, async_with, scope};
use forwith_resources::redb::write;
use futures::future::join_all;
use redb::{Database, Error};
use tokio::task::yield_now;

use super::{database, insert, is_free, rows, until_free};
use forwith_testing::soon;
use forwith_testing::strike::{STRIKES, Strike};

async fn store(db: &Arc<Database>, row: u64) -> Result<(), Error> {
    async_with!(write(db) as tx, { tx.run(insert(row)).await? })
}

/// Somebody else has the writer: another user of this crate, who makes it wait in its turn, or one
/// of the library, who makes its thread wait.
#[tokio::test]
async fn wait_for_the_writer_is_given_up() {
    for is_library in [true, false] {
        for kind in STRIKES {
            let db = database();
            let reaper = Reaper::tokio();
            let _entered = (kind != Strike::DroppedWithoutReaper).then(|| reaper.enter());
            let strike = async {
                let stop = CancelToken::new();
                let mut work = Box::pin(scope(store(&db, 1), stop.cancelled()));
                for _ in 0..10 {
                    assert!(futures::poll!(&mut work).is_pending());
                    yield_now().await;
                }
                if kind == Strike::Cancelled {
                    stop.cancel();
                    assert!(soon("the scope", work).await.is_err());
                }
            };
            if is_library {
                let tx = db.begin_write().unwrap();
                strike.await;
                tx.abort().unwrap();
            } else {
                let ended: Result<(), Error> =
                    async { async_with!(write(&db), { strike.await }) }.await;
                ended.unwrap();
                assert!(is_free(&db), "nobody waits any more");
            }
            until_free(&db, "the one that waited has gone").await;
            assert_eq!(rows(&db), [0; 0]);
            soon("the next one", store(&db, 2)).await.unwrap();
            assert_eq!(rows(&db), [2]);
            soon("the reaper", reaper.join()).await;
        }
    }
}

/// Writers that waited on the one thread would keep the commit from it.
#[test]
fn writers_need_no_thread_of_the_pool() {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime
        .max_blocking_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let db = database();
    runtime.block_on(async {
        let stored = join_all((0..20).map(|row| store(&db, row)));
        let stored = soon("the writers", stored).await;
        stored.into_iter().for_each(Result::unwrap);
    });
    assert_eq!(rows(&db), (0..20).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_in_many_tasks() {
    let db = database();
    let mut tasks = tokio::task::JoinSet::new();
    for row in 0..60 {
        let db = db.clone();
        let task = tasks.spawn(async move {
            store(&db, row).await.unwrap();
            row
        });
        if row % 3 == 0 {
            task.abort(); // without a reaper
        } else if row % 3 == 1 {
            yield_now().await;
        }
    }
    let mut stored = Vec::new();
    while let Some(ended) = soon("the writers", tasks.join_next()).await {
        stored.extend(ended.ok());
    }
    until_free(&db, "all have ended").await;
    let rows = rows(&db);
    assert!(stored.iter().all(|row| rows.contains(row)));
    assert!(stored.len() >= 40, "{stored:?}");
}

/// The library wakes nobody in turn: here, those who came first are first.
#[tokio::test]
async fn writers_take_turns() {
    let db = database();
    let order = std::cell::RefCell::new(Vec::new());
    let work = |row| {
        let (db, order) = (&db, &order);
        async move {
            async_with!(write(db) as tx, {
                tx.run(insert(row)).await?;
                order.borrow_mut().push(row);
                Ok::<_, Error>(())
            })?
        }
    };
    let ended = soon("the writers", join_all((0..10).map(work))).await;
    ended.into_iter().for_each(Result::unwrap);
    assert_eq!(order.into_inner(), (0..10).collect::<Vec<_>>());
}

/// Each has a thread only when its turn has come.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn writers_that_wait_have_no_threads() {
    let threads = || {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap();
        let names = tasks.map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")));
        // A thread that has just ended has no name.
        names
            .filter(|name| name.as_ref().is_ok_and(|name| name == "redb writer\n"))
            .count()
    };
    let db = database();
    let ended: Result<(), Error> = async {
        async_with!(write(&db), {
            let mut waiting = Box::pin(join_all((0..200).map(|row| store(&db, row))));
            for _ in 0..3 {
                assert!(futures::poll!(&mut waiting).is_pending());
                yield_now().await;
            }
            let threads = threads();
            assert!(threads < 100, "{threads}"); // some are those of other tests
        })
    }
    .await;
    ended.unwrap();
}

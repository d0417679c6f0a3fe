//! Transactions that end, and are struck.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use forwith::{CancelToken, async_with, scope};
use forwith_resources::redb::write;
use redb::{Database, Durability, Error};
use tokio::sync::oneshot;
use tokio::task::yield_now;

use super::{ROWS, database, insert, is_free, rows, until_free};
use forwith_testing::soon;
use forwith_testing::strike::{
    Ended, PHASES, Phase, STRIKES, Strike, caught, panic_of, poll_times, strike,
};

#[tokio::test]
async fn transaction_ends_with_its_body() {
    for kind in ["completes", "fails", "panics", "panics in a call"] {
        let db = database();
        let work = async {
            async_with!(write(&db) as tx, {
                tx.run(insert(1)).await?;
                insert(2)(tx)?;
                assert!(!is_free(&db));
                match kind {
                    "completes" => {}
                    "fails" => Err(Error::InvalidSavepoint)?,
                    "panics" => panic!(),
                    _ => tx.run(|_| panic!()).await,
                }
                Ok::<_, Error>(())
            })?
        };
        drop(caught(async { drop(work.await) }).await);
        assert!(is_free(&db), "right behind a body that {kind}");
        let expected: &[u64] = if kind == "completes" { &[1, 2] } else { &[] };
        assert_eq!(rows(&db), expected, "a body that {kind}");
    }
}

#[tokio::test]
async fn transaction_is_struck_in_each_phase() {
    let phase = Cell::new(Phase::Enter);
    let work = async |db: &Arc<Database>| -> Result<(), Error> {
        async_with!(write(db).two_phase_commit().quick_repair() as tx, {
            phase.set(Phase::Body);
            tx.run(insert(1)).await?;
            tx.run(insert(2)).await?;
            phase.set(Phase::Exit);
        })
    };
    let mut struck = 0;
    for kind in STRIKES {
        for at in PHASES {
            for time in 1..20 {
                let what = format!("{kind:?} in {at:?}, {time}");
                let db = database();
                let ended = strike(kind, at, time, &phase, work(&db)).await;
                if kind == Strike::DroppedWithoutReaper {
                    until_free(&db, &what).await;
                } else if at != Phase::Enter {
                    assert!(is_free(&db), "{what}");
                } else {
                    until_free(&db, &what).await; // a beginning that nobody waits for
                }
                let is_committed = match &ended {
                    Ended::First(ended) => ended.is_ok(),
                    // The commit goes on, with a reaper and without.
                    Ended::Struck => at == Phase::Exit,
                };
                let expected: &[u64] = if is_committed { &[1, 2] } else { &[] };
                assert_eq!(rows(&db), expected, "{what}");
                if let Ended::First(ended) = ended {
                    ended.unwrap();
                    break;
                }
                struck += 1;
            }
        }
    }
    assert!(struck > 4, "{struck}");
}

/// A call that is in flight until it is released, and then writes.
struct Held {
    started: oneshot::Receiver<()>,
    release: mpsc::Sender<()>,
    has_ended: Arc<AtomicBool>,
}

fn held(
    row: u64,
) -> (
    Held,
    impl FnOnce(&redb::WriteTransaction) -> Result<(), Error>,
) {
    let (start, started) = oneshot::channel();
    let (release, released) = mpsc::channel();
    let has_ended = Arc::new(AtomicBool::new(false));
    let held = Held {
        started,
        release,
        has_ended: has_ended.clone(),
    };
    let call = move |tx: &redb::WriteTransaction| {
        start.send(()).unwrap();
        released.recv().unwrap();
        insert(row)(tx)?;
        has_ended.store(true, Ordering::Relaxed);
        Ok(())
    };
    (held, call)
}

#[tokio::test]
async fn call_in_flight_is_awaited_by_an_abort() {
    let db = database();
    let (held, call) = held(1);
    let stop = CancelToken::new();
    let skipped = Arc::new(AtomicBool::new(true));
    let ran = skipped.clone();
    let work = async {
        async_with!(write(&db) as tx, {
            let _: Option<Result<(), Error>> = poll_times(1, tx.run(call)).await;
            tx.run(move |_| ran.store(false, Ordering::Relaxed)).await;
            Ok::<_, Error>(())
        })?
    };
    let release = async {
        held.started.await.unwrap();
        stop.cancel();
        for _ in 0..10 {
            yield_now().await;
            assert!(!is_free(&db));
        }
        held.release.send(()).unwrap();
    };
    let scope = scope(work, stop.cancelled());
    let (ended, ()) = soon("the scope", async { tokio::join!(scope, release) }).await;
    assert!(ended.unwrap_err().exit_errors().is_empty());
    assert!(held.has_ended.load(Ordering::Relaxed));
    assert!(is_free(&db));
    assert_eq!(rows(&db), [0; 0]);
    assert!(skipped.load(Ordering::Relaxed), "it was not begun");
}

#[tokio::test]
async fn abort_that_takes_for_ever_is_bounded() {
    let db = database();
    let (held, call) = held(1);
    let stop = CancelToken::new();
    let work = async {
        let begin = write(&db).abort_limit(Duration::from_millis(5));
        async_with!(begin as tx, { tx.run(call).await })
    };
    let cancel = async {
        held.started.await.unwrap();
        stop.cancel();
    };
    let scope = scope(work, stop.cancelled());
    let (ended, ()) = soon("the scope", async { tokio::join!(scope, cancel) }).await;
    let errors = ended.unwrap_err();
    let error = errors.exit_errors()[0].error().to_string();
    assert!(error.contains("not aborted within 5ms"), "{error}");
    assert!(!is_free(&db));
    held.release.send(()).unwrap();
    until_free(&db, "the call has ended").await;
    assert_eq!(rows(&db), [0; 0]);
}

/// What a call writes whose future was dropped is committed with the rest.
#[tokio::test]
async fn call_in_flight_is_awaited_by_a_commit() {
    for kind in [
        None,
        Some(Strike::Dropped),
        Some(Strike::DroppedWithoutReaper),
    ] {
        let db = database();
        let (held, call) = held(1);
        let phase = Cell::new(Phase::Enter);
        let work = async {
            async_with!(write(&db) as tx, {
                assert!(poll_times(1, tx.run(call)).await.is_none());
                assert!(poll_times(1, tx.run(insert(2))).await.is_none());
                if kind.is_none() {
                    held.release.send(()).unwrap();
                }
                phase.set(Phase::Exit);
                Ok::<_, Error>(())
            })?
        };
        match kind {
            None => soon("the commit", work).await.unwrap(),
            Some(kind) => {
                let release = held.release.clone();
                let strike = strike(kind, Phase::Exit, 1, &phase, work);
                let release = async {
                    held.started.await.unwrap();
                    if kind == Strike::Dropped {
                        release.send(()).unwrap(); // the reaper waits for it
                    }
                };
                tokio::join!(strike, release);
                let _ = held.release.send(());
            }
        }
        until_free(&db, "the commit").await;
        assert_eq!(rows(&db), [1, 2], "{kind:?}");
    }
}

#[tokio::test]
async fn commit_that_fails_is_the_error_of_the_block() {
    let db = database();
    let ended: Result<(), Error> = async {
        async_with!(write(&db) as tx, {
            tx.run(|tx| -> Result<(), Error> {
                let mut table = tx.open_table(ROWS)?;
                table.insert(1, ())?;
                std::mem::forget(table);
                Ok(())
            })
            .await?;
        })
    }
    .await;
    assert!(
        matches!(ended, Err(Error::TransactionPoisoned)),
        "{ended:?}"
    );
    assert_eq!(rows(&db), [0; 0]);
}

#[tokio::test]
async fn setting_that_is_refused_is_the_error_of_the_enter() {
    let folder = tempfile::tempdir().unwrap();
    let mut builder = Database::builder();
    builder.set_concurrency_mode(redb::ConcurrencyMode::MultiWriter);
    let db = Arc::new(builder.create(folder.path().join("file")).unwrap());
    let begin = write(&db).durability(Durability::None);
    let ended: Result<(), Error> = async { async_with!(begin, {}) }.await;
    assert!(
        matches!(ended, Err(Error::NonDurableCommitUnsupported)),
        "{ended:?}"
    );
    until_free(&db, "the beginning has failed").await;
    let begin = write(&database()).durability(Durability::None);
    let ended: Result<(), Error> = async { async_with!(begin, {}) }.await;
    ended.unwrap();
}

#[tokio::test]
async fn panic_of_a_call_continues_in_the_body() {
    let db = database();
    let work = async {
        async_with!(write(&db) as tx, {
            tx.run(|_| panic!("in the call")).await;
            Ok::<(), Error>(())
        })?
    };
    assert_eq!(panic_of(work).await, "in the call");
}

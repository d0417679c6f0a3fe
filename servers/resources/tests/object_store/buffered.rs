//! Writers over uploads.

use std::cell::Cell;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use forwith::{CancelToken, async_with, scope};
use forwith_resources::object_store::{Buffer, buffered};
use object_store::ObjectStore;
use object_store::path::Path;
use tokio::io::AsyncWriteExt;

use super::watched::{Fault, Watched, stored};
use forwith_testing::soon;
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, caught, strike};

/// Some parts of 10 bytes.
const BYTES: [u8; 34] = *b"0123456789abcdefghijklmnopqrstuvwx";

fn path() -> Path {
    Path::from("object")
}

fn open<S: ObjectStore>(store: &Arc<S>) -> Buffer {
    buffered(store, &path()).with(|writer| writer.with_max_concurrency(1))
}

async fn work(store: &Arc<Watched>, phase: &Cell<Phase>, length: usize) -> io::Result<()> {
    let small = object_store::buffered::BufWriter::with_capacity(store.clone(), path(), 10);
    async_with!(open(store).with(|_| small) as object, {
        phase.set(Phase::Body);
        for byte in &BYTES[..length] {
            object.write_all(&[*byte]).await?;
        }
        object.shutdown().await?; // is a flush
        phase.set(Phase::Exit);
    })
}

/// In parts, and in one request.
#[tokio::test]
async fn object_is_struck_in_each_phase() {
    let phase = Cell::new(Phase::Enter);
    for (length, at) in [4, BYTES.len()]
        .into_iter()
        .flat_map(|length| PHASES.map(|at| (length, at)))
    {
        for kind in STRIKES {
            let mut struck = 0;
            for time in 1..100 {
                let what = format!("{kind:?} in {at:?}, {time}, {length} bytes");
                let store = Watched::new(Fault::None);
                let ended = strike(kind, at, time, &phase, work(&store, &phase, length)).await;
                let object = stored(&*store, &path()).await;
                let seen = store.seen();
                if kind != Strike::DroppedWithoutReaper {
                    assert_eq!(seen.open(), 0, "{what}: {seen:?}");
                }
                let is_stored = match &ended {
                    Ended::First(ended) => ended.is_ok(),
                    Ended::Struck => at == Phase::Exit && kind == Strike::Dropped,
                };
                if is_stored {
                    assert_eq!(object.as_deref(), Some(&BYTES[..length]), "{what}");
                } else if at != Phase::Exit {
                    assert_eq!(object, None, "{what}");
                }
                if let Ended::First(ended) = ended {
                    ended.unwrap();
                    break;
                }
                struck += 1;
            }
            let has_waits = match at {
                Phase::Enter => false,
                Phase::Body => length > 10,
                Phase::Exit => kind != Strike::Cancelled,
            };
            assert_eq!(struck > 0, has_waits, "{kind:?} in {at:?}, {length} bytes");
        }
    }
}

#[tokio::test]
async fn object_ends_with_its_body() {
    for kind in ["fails", "panics"] {
        for length in [4, BYTES.len()] {
            let store = Watched::new(Fault::None);
            let work = async {
                let buffer = buffered(&store, &path());
                let small =
                    object_store::buffered::BufWriter::with_capacity(store.clone(), path(), 10);
                async_with!(buffer.with(|_| small) as object, {
                    object.write_all(&BYTES[..length]).await?;
                    object.shutdown().await?;
                    assert_eq!(kind, "fails");
                    Err::<(), _>(io::Error::other("told to"))
                })?
            };
            drop(caught(async { drop(work.await) }).await);
            assert_eq!(store.seen().open(), 0, "right behind a body that {kind}");
            assert_eq!(store.seen().completed, 0);
            assert_eq!(store.seen().begun, usize::from(length > 10));
            assert_eq!(stored(&*store, &path()).await, None);
        }
    }
}

/// The library's writer would store the rest, or panic.
#[tokio::test]
async fn write_that_failed_spoils_the_object() {
    for fault in [
        Fault::BeginFails,
        Fault::BeginPanics,
        Fault::PartFails(1),
        Fault::PartPanics(1),
        Fault::CompleteFails,
        Fault::PutFails,
    ] {
        let store = Watched::new(fault);
        let is_put = fault == Fault::PutFails;
        let length = if is_put { 4 } else { BYTES.len() };
        let work = async {
            let small = object_store::buffered::BufWriter::with_capacity(store.clone(), path(), 10)
                .with_max_concurrency(1);
            async_with!(open(&store).with(|_| small) as object, {
                for byte in &BYTES[..length] {
                    let byte = [*byte];
                    let written = object.write_all(&byte);
                    drop(caught(async { drop(written.await) }).await);
                }
                Ok::<(), io::Error>(())
            })?
        };
        let error = soon("the end", work).await.unwrap_err().to_string();
        let expected = match fault {
            Fault::PutFails | Fault::CompleteFails => "as it was told to",
            _ => "a write has failed",
        };
        assert!(error.contains(expected), "{fault:?}: {error}");
        assert_eq!(store.seen().open(), 0, "{fault:?}");
        assert_eq!(store.seen().completed, 0, "{fault:?}");
        assert_eq!(stored(&*store, &path()).await, None);
    }
}

#[tokio::test]
async fn abort_that_takes_for_ever_is_bounded() {
    let store = Watched::new(Fault::AbortHangs);
    let stop = CancelToken::new();
    let work = async {
        let small = object_store::buffered::BufWriter::with_capacity(store.clone(), path(), 10);
        let buffer = open(&store).abort_limit(Duration::from_millis(5));
        async_with!(buffer.with(|_| small) as object, {
            object.write_all(&BYTES).await?;
            stop.cancel();
            std::future::pending::<io::Result<()>>().await
        })?
    };
    let ended = soon("the scope", scope(work, stop.cancelled())).await;
    let errors = ended.unwrap_err();
    let error = errors.exit_errors()[0].error().to_string();
    assert!(error.contains("not aborted within 5ms"), "{error}");
}

//! Uploads in parts.

use std::cell::Cell;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use forwith::{CancelToken, async_with, scope};
use forwith_resources::object_store::upload;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutMultipartOptions, Result};
use tokio::task::yield_now;

use super::watched::{Fault, Watched, stored};
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, caught, strike};
use forwith_testing::{soon, until};

const PARTS: [&str; 5] = ["one ", "two ", "three ", "four ", "five"];

fn whole() -> Vec<u8> {
    PARTS.concat().into()
}

fn path() -> Path {
    Path::from("folder/object")
}

/// Uploads all parts, and ends as it is told to.
async fn work<S: ObjectStore>(
    store: &Arc<S>,
    phase: &Cell<Phase>,
    ending: impl Fn() -> Result<()>,
) -> Result<()> {
    let path = path();
    async_with!(upload(store, &path).concurrency(2) as upload, {
        phase.set(Phase::Body);
        for part in PARTS {
            upload.put(part).await?;
        }
        ending()?;
        phase.set(Phase::Exit);
    })
}

#[tokio::test]
async fn upload_ends_with_its_body() {
    for kind in ["completes", "fails", "panics"] {
        let store = Watched::new(Fault::None);
        let phase = Cell::new(Phase::Enter);
        let work = work(&store, &phase, || match kind {
            "fails" => Err(Error::NotImplemented {
                operation: String::new(),
                implementer: String::new(),
            }),
            "panics" => panic!("told to"),
            _ => Ok(()),
        });
        drop(caught(async { drop(work.await) }).await);
        let object = stored(&*store, &path()).await;
        let seen = store.seen();
        assert_eq!(seen.open(), 0, "right behind a body that {kind}");
        assert!(seen.most_in_flight <= 2, "{seen:?}");
        assert_eq!(seen.in_flight_at_abort, 0);
        let (completed, whole) = match kind {
            "completes" => (1, Some(whole())),
            _ => (0, None),
        };
        assert_eq!((seen.completed, seen.aborted), (completed, 1 - completed));
        assert_eq!(object, whole);
    }
}

#[tokio::test]
async fn upload_is_struck_in_each_phase() {
    let phase = Cell::new(Phase::Enter);
    for kind in STRIKES {
        for at in PHASES {
            let (mut time, mut struck) = (1, 0);
            loop {
                let what = format!("{kind:?} in {at:?}, {time}");
                let store = Watched::new(Fault::None);
                let ended = strike(kind, at, time, &phase, work(&store, &phase, || Ok(()))).await;
                let object = stored(&*store, &path()).await;
                let seen = store.seen();
                assert!(seen.aborted <= 1, "{what}");
                if kind != Strike::DroppedWithoutReaper {
                    assert_eq!(seen.open(), 0, "{what}: {seen:?}");
                }
                if seen.completed == 1 {
                    assert_eq!(object, Some(whole()), "{what}");
                } else {
                    assert_eq!(object, None, "{what}");
                }
                match ended {
                    Ended::Struck => {
                        if at != Phase::Exit {
                            assert_eq!(seen.completed, 0, "{what}");
                        } else if kind == Strike::Dropped {
                            assert_eq!(seen.completed, 1, "{what}: the exit goes on");
                        }
                        struck += 1;
                    }
                    Ended::First(ended) => {
                        ended.unwrap();
                        assert_eq!(seen.completed, 1, "{what}");
                        break;
                    }
                }
                time += 1;
                assert!(time < 100, "{what}");
            }
            // An exit that has begun is awaited by a scope.
            assert!(
                struck > 1 || (kind == Strike::Cancelled && at == Phase::Exit),
                "{kind:?} in {at:?}: {struck}"
            );
        }
    }
}

/// A folder is empty behind each strike, also without a reaper.
#[tokio::test]
async fn upload_to_a_folder_is_struck_in_each_phase() {
    let phase = Cell::new(Phase::Enter);
    for kind in STRIKES {
        for at in PHASES {
            for time in 1..20 {
                let what = format!("{kind:?} in {at:?}, {time}");
                let folder = tempfile::tempdir().unwrap();
                let store = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
                let store = Arc::new(store);
                let ended = strike(kind, at, time, &phase, work(&store, &phase, || Ok(()))).await;
                let is_first = matches!(ended, Ended::First(Ok(())));
                let objects = async || {
                    let files = fs::read_dir(folder.path().join("folder"));
                    let files = files.into_iter().flatten();
                    let names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
                    match &names[..] {
                        [] if !is_first => Ok(()),
                        [object] if object == "object" => Ok(()),
                        _ => Err(names),
                    }
                };
                if kind == Strike::DroppedWithoutReaper {
                    until(&what, objects).await; // the library removes its file in a thread
                } else {
                    assert_eq!(objects().await, Ok(()), "{what}");
                }
                if let Some(object) = stored(&*store, &path()).await {
                    assert_eq!(object, whole(), "{what}");
                }
                if is_first {
                    break;
                }
            }
        }
    }
}

#[tokio::test]
async fn upload_tells_what_the_store_says() -> Result<()> {
    let store = Watched::new(Fault::None);
    let path = path();
    let begin = upload(&store, &path).with(PutMultipartOptions::default());
    let uploaded = async_with!(begin as upload, {
        upload.put("all").await?;
        let uploaded = upload.uploaded();
        assert!(uploaded.result().is_none());
        uploaded
    })?;
    let tag = store.head(&path).await?.e_tag;
    assert!(tag.is_some());
    assert_eq!(uploaded.result().unwrap().e_tag, tag);
    Ok(())
}

#[tokio::test]
async fn part_is_stored_although_nobody_awaits_it() {
    let store = Watched::new(Fault::None);
    let path = path();
    async_with!(upload(&store, &path).concurrency(1) as upload, {
        for part in PARTS {
            drop(upload.put(part));
        }
    })
    .unwrap();
    assert_eq!(stored(&*store, &path).await, Some(whole()));
    assert_eq!(store.seen().most_in_flight, 1);
}

/// A store may keep a part that arrives while it aborts.
#[tokio::test]
async fn abort_awaits_the_part_in_flight_and_sends_no_other() {
    let store = Watched::new(Fault::None);
    let path = path();
    let ended: Result<()> = async {
        async_with!(upload(&store, &path).concurrency(1) as upload, {
            for part in PARTS {
                drop(upload.put(part));
            }
            for _ in 0..100 {
                if store.seen().in_flight == 1 {
                    break; // it takes a few turns
                }
                yield_now().await;
            }
            Err(Error::NotImplemented {
                operation: String::new(),
                implementer: String::new(),
            })
        })?
    }
    .await;
    assert!(ended.is_err());
    let seen = store.seen();
    let (begun, ended) = seen.sent;
    assert_eq!(begun, ended, "{seen:?}");
    assert!((1..PARTS.len()).contains(&begun), "{seen:?}");
    assert_eq!((seen.aborted, seen.in_flight_at_abort), (1, 0));
}

#[tokio::test]
async fn part_that_fails_fails_the_block() {
    for fault in [Fault::PartFails(2), Fault::PartPanics(2)] {
        // The body gives the error on, or does not care, or does not hear of it.
        for kind in ["gives it on", "drops it", "does not wait"] {
            let store = Watched::new(fault);
            let path = path();
            let ended: Result<()> = async {
                async_with!(upload(&store, &path).concurrency(1) as upload, {
                    for part in PARTS {
                        let put = upload.put(part);
                        match kind {
                            "gives it on" => put.await?,
                            "drops it" => drop(put.await),
                            _ => drop(put),
                        }
                    }
                })
            }
            .await;
            let error = ended.unwrap_err().to_string();
            let expected = match (kind, fault) {
                ("drops it", _) => "a part of the upload was not stored",
                (_, Fault::PartPanics(_)) => "panic",
                _ => "as it was told to",
            };
            assert!(error.contains(expected), "{kind}, {fault:?}: {error}");
            assert_eq!(stored(&*store, &path).await, None);
            let seen = store.seen();
            assert_eq!((seen.completed, seen.aborted), (0, 1), "{kind}, {fault:?}");
        }
    }
}

#[tokio::test]
async fn upload_that_cannot_begin_or_end_fails() {
    let phase = Cell::new(Phase::Enter);
    for (fault, aborted) in [(Fault::BeginFails, 0), (Fault::CompleteFails, 1)] {
        let store = Watched::new(fault);
        let error = work(&store, &phase, || Ok(())).await.unwrap_err();
        assert!(error.to_string().contains("as it was told to"), "{error}");
        assert_eq!(store.seen().open(), 0);
        assert_eq!(store.seen().aborted, aborted);
        assert_eq!(stored(&*store, &path()).await, None);
    }
}

/// A store that does not answer does not keep a cancelled scope waiting.
#[tokio::test]
async fn abort_that_takes_for_ever_is_bounded() {
    for fault in [Fault::PartHangs(1), Fault::AbortHangs] {
        let store = Watched::new(fault);
        let path = path();
        let stop = CancelToken::new();
        let body = async {
            let upload = upload(&store, &path).abort_limit(Duration::from_millis(5));
            async_with!(upload as upload, {
                upload.put("part").await?;
                until("the part in flight", async || match store.seen().parts {
                    0 => Err("none"),
                    _ => Ok(()),
                })
                .await;
                stop.cancel();
                std::future::pending::<Result<()>>().await
            })?
        };
        let ended = soon("the scope", scope(body, stop.cancelled())).await;
        let errors = ended.unwrap_err();
        let errors = errors.exit_errors();
        assert_eq!(store.seen().in_flight, 0);
        if fault == Fault::AbortHangs {
            let error = errors[0].error().to_string();
            assert!(error.contains("not aborted within 5ms"), "{error}");
        } else {
            assert!(errors.is_empty(), "{errors:?}");
            assert_eq!(store.seen().aborted, 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn uploads_side_by_side_and_from_several_tasks() {
    let store = Watched::new(Fault::None);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..20 {
        let store = store.clone();
        let task = tasks.spawn(async move {
            let path = Path::from(number.to_string());
            async_with!(upload(&store, &path) as upload, {
                for part in PARTS {
                    upload.put(part).await?;
                }
                if number % 4 == 1 {
                    Err(Error::NotImplemented {
                        operation: String::new(),
                        implementer: String::new(),
                    })?;
                }
                Ok::<_, Error>(())
            })?
        });
        if number % 4 == 2 {
            task.abort(); // without a reaper
        }
    }
    let mut completed = 0;
    while let Some(ended) = soon("the uploads", tasks.join_next()).await {
        completed += usize::from(matches!(ended, Ok(Ok(()))));
    }
    assert!((10..=15).contains(&completed), "{completed}");
    for number in 0..20 {
        let object = stored(&*store, &Path::from(number.to_string())).await;
        if object.is_some() || number % 2 == 0 && number % 4 != 2 {
            assert_eq!(object, Some(whole()));
        }
    }
}

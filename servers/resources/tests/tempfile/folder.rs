//! Folders.

use std::cell::Cell;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use forwith::reaper::Reaper;
use forwith::{CancelToken, async_with, scope};
use forwith_resources::tempfile::{OpenFolder, folder};

use super::site::{Site, keep_busy, one_thread};
use forwith_testing::soon;
use forwith_testing::strike::{
    Ended, PHASES, Phase, STRIKES, Strike, caught, panic_of, poll_times, strike,
};

fn in_site(site: &Site) -> OpenFolder {
    let path = site.path().to_path_buf();
    folder().with(|| tempfile::tempdir_in(path))
}

#[tokio::test]
async fn folder_ends_with_its_body() {
    for kind in ["completes", "fails", "panics", "panics in a call"] {
        let site = Site::new();
        let work = async {
            async_with!(in_site(&site) as folder, {
                let path = folder.path().to_path_buf();
                folder.run(|path| fs::write(path.join("file"), "1")).await?;
                folder
                    .call(tokio::fs::create_dir_all(path.join("a/b")))
                    .await?;
                assert!(path.join("file").exists() && path.join("a/b").exists());
                match kind {
                    "completes" => {}
                    "fails" => Err(io::ErrorKind::Other)?,
                    "panics" => panic!(),
                    _ => folder.run(|_| panic!()).await,
                }
                Ok::<_, io::Error>(())
            })?
        };
        drop(caught(async { drop(work.await) }).await);
        assert!(site.names().is_empty(), "right behind a body that {kind}");
    }
}

#[tokio::test]
async fn folder_is_struck_in_each_phase() {
    let phase = Cell::new(Phase::Enter);
    let work = async |site: &Site| -> io::Result<()> {
        async_with!(in_site(site) as folder, {
            phase.set(Phase::Body);
            let path = folder.path().to_path_buf();
            folder.run(|path| fs::write(path.join("file"), "1")).await?;
            let deep = path.join("a/b/c");
            folder.call(tokio::fs::create_dir_all(deep)).await?;
            phase.set(Phase::Exit);
        })
    };
    let mut struck = 0;
    for kind in STRIKES {
        for at in PHASES {
            for time in 1..20 {
                let what = format!("{kind:?} in {at:?}, {time}");
                let site = Site::new();
                let ended = strike(kind, at, time, &phase, work(&site)).await;
                if at == Phase::Enter || kind == Strike::DroppedWithoutReaper {
                    site.until_empty(&what).await; // in the thread
                } else {
                    assert!(site.names().is_empty(), "{what}");
                }
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

/// The thread is busy when the body is struck, so the call takes place behind it.
#[test]
fn nothing_comes_back_behind_the_removal() {
    for kind in STRIKES {
        for is_blocking in [true, false] {
            let runtime = one_thread();
            let site = Site::new();
            runtime.block_on(async {
                let reaper = Reaper::tokio();
                let _entered = (kind != Strike::DroppedWithoutReaper).then(|| reaper.enter());
                let stop = CancelToken::new();
                let busy = Cell::new(None);
                let work = async {
                    async_with!(in_site(&site) as folder, {
                        busy.set(Some(keep_busy()));
                        let deep = folder.path().join("a/b");
                        if is_blocking {
                            folder
                                .run(|path| fs::create_dir_all(path.join("a/b")))
                                .await
                        } else {
                            folder.call(tokio::fs::create_dir_all(deep)).await
                        }
                    })?
                };
                let mut work = Box::pin(scope(work, stop.cancelled()));
                let busy = loop {
                    assert!(futures::poll!(&mut work).is_pending());
                    tokio::task::yield_now().await;
                    if let Some(busy) = busy.take() {
                        break busy;
                    }
                };
                if !is_blocking {
                    tokio::task::yield_now().await; // its task begins
                }
                if kind == Strike::Cancelled {
                    stop.cancel();
                    assert!(
                        futures::poll!(&mut work).is_pending(),
                        "the call is awaited"
                    );
                    drop(busy);
                    assert!(soon("the scope", work).await.is_err());
                    assert!(site.names().is_empty());
                } else {
                    drop(work);
                    tokio::task::yield_now().await;
                    assert_eq!(site.names().len(), 1, "the call is awaited");
                    drop(busy);
                }
                soon("the reaper", reaper.join()).await;
                site.until_empty(&format!("{kind:?}")).await;
            });
            drop(runtime); // behind all calls
            assert!(site.names().is_empty(), "{kind:?}");
        }
    }
}

/// A folder that is removed by somebody else makes no noise; one that cannot be removed does.
#[tokio::test]
async fn removal_that_fails_is_the_error_of_the_block() {
    let site = Site::new();
    let path = Cell::new(None);
    let ended: io::Result<()> = async {
        async_with!(in_site(&site) as folder, {
            path.set(Some(folder.path().to_path_buf()));
            folder.run(|path| fs::remove_dir(path)).await?;
            folder.run(|path| fs::write(path, "not a folder")).await?;
        })
    }
    .await;
    let error = ended.unwrap_err();
    let path = path.take().unwrap();
    assert!(
        error.to_string().contains(path.to_str().unwrap()),
        "{error}"
    );
    assert!(path.metadata().unwrap().permissions().mode() != 0);
}

#[tokio::test]
async fn exit_that_takes_for_ever_is_bounded() {
    let site = Site::new();
    let stop = CancelToken::new();
    let busy = Cell::new(None);
    let work = async {
        let folder = in_site(&site).remove_limit(Duration::from_millis(5));
        async_with!(folder as folder, {
            let (release, released) = std::sync::mpsc::channel::<()>();
            busy.set(Some(release));
            let call = folder.run(move |_| released.recv());
            assert!(poll_times(1, call).await.is_none());
            stop.cancel();
            std::future::pending::<io::Result<()>>().await
        })?
    };
    let ended = soon("the scope", scope(work, stop.cancelled())).await;
    let errors = ended.unwrap_err();
    let error = errors.exit_errors()[0].error().to_string();
    assert!(error.contains("not ended within 5ms"), "{error}");
    assert_eq!(site.names().len(), 1);
    drop(busy);
    site.until_empty("the call has ended").await;
}

#[tokio::test]
async fn panic_of_a_call_continues_in_the_body() {
    for is_blocking in [true, false] {
        let work = async {
            async_with!(folder() as folder, {
                if is_blocking {
                    folder.run(|_| panic!("in the call")).await;
                } else {
                    folder.call(async { panic!("in the call") }).await;
                }
                Ok::<(), io::Error>(())
            })?
        };
        assert_eq!(panic_of(work).await, "in the call");
    }
}

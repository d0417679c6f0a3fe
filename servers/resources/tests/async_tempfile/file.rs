//! Files.

use std::cell::Cell;
use std::fs;

use async_tempfile::{Error, TempFile};
use forwith::async_with;
use forwith_resources::async_tempfile::{OpenFile, file};
use tokio::io::AsyncWriteExt;

use super::dropped_at_each_wait;
use super::site::{Site, keep_busy, one_thread};
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, caught, strike};
use forwith_testing::until;

fn in_site(site: &Site) -> OpenFile<impl Future<Output = Result<TempFile, Error>> + use<>> {
    file(TempFile::new_in(site.path().to_path_buf()))
}

#[tokio::test]
async fn file_ends_with_its_body() {
    for kind in ["completes", "is persisted", "fails", "panics"] {
        let site = Site::new();
        let work = async {
            async_with!(in_site(&site) as file, {
                file.write_all(b"text").await?; // and no flush
                assert_eq!(site.names(), [file.file_path().clone()]);
                if kind != "completes" {
                    file.persist_to(site.path().join("saved"));
                }
                match kind {
                    "fails" => Err(Error::InvalidAffix)?,
                    "panics" => panic!(),
                    _ => {}
                }
                Ok::<_, Error>(())
            })?
        };
        drop(caught(async { drop(work.await) }).await);
        if kind == "is persisted" {
            assert_eq!(site.names(), [site.path().join("saved")]);
            assert_eq!(fs::read(site.path().join("saved")).unwrap(), b"text");
        } else {
            assert!(site.names().is_empty(), "right behind a body that {kind}");
        }
    }
}

#[tokio::test]
async fn file_is_struck_in_each_phase() {
    let phase = Cell::new(Phase::Enter);
    let work = async |site: &Site| -> Result<(), Error> {
        async_with!(in_site(site) as file, {
            phase.set(Phase::Body);
            file.write_all(b"one ").await?;
            file.flush().await?;
            file.write_all(b"two").await?;
            file.persist_to(site.path().join("saved"));
            phase.set(Phase::Exit);
        })
    };
    let mut struck = 0;
    for kind in STRIKES {
        for at in PHASES {
            for time in 1..20 {
                let what = format!("{kind:?} in {at:?}, {time}");
                let site = Site::new();
                let saved = site.path().join("saved");
                let ended = strike(kind, at, time, &phase, work(&site)).await;
                let is_saved = match &ended {
                    Ended::First(ended) => ended.is_ok(),
                    // The exit goes on, with a reaper and without.
                    Ended::Struck => at == Phase::Exit,
                };
                if is_saved {
                    until(&what, async || match &site.names()[..] {
                        [name] if *name == saved => Ok(()),
                        names => Err(names.to_vec()),
                    })
                    .await;
                    assert_eq!(fs::read(&saved).unwrap(), b"one two", "{what}");
                } else {
                    site.until_empty(&what).await;
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

/// The thread is busy when the exit is dropped, so the file is written and named behind that.
#[test]
fn persist_is_not_cut() {
    let runtime = one_thread();
    let site = Site::new();
    runtime.block_on(async {
        let phase = Cell::new(Phase::Enter);
        let busy = Cell::new(None);
        let work = async {
            async_with!(in_site(&site) as file, {
                busy.set(Some(keep_busy()));
                file.write_all(b"text").await?;
                file.persist_to(site.path().join("saved"));
                phase.set(Phase::Exit);
                Ok::<_, Error>(())
            })?
        };
        let ended = strike(Strike::DroppedWithoutReaper, Phase::Exit, 1, &phase, work).await;
        assert!(matches!(ended, Ended::Struck));
        drop(busy);
        let saved = site.path().join("saved");
        until("the name", async || saved.exists().then_some(()).ok_or(())).await;
        assert_eq!(site.names(), [saved.as_path()]);
        assert_eq!(fs::read(saved).unwrap(), b"text");
    });
}

#[tokio::test]
async fn persist_that_fails_is_the_error_of_the_block() {
    let site = Site::new();
    let nowhere = site.path().join("nowhere/saved");
    let ended: Result<(), Error> =
        async { async_with!(in_site(&site) as file, { file.persist_to(nowhere) }) }.await;
    assert!(matches!(
        ended,
        Err(Error::Io(error)) if error.kind() == std::io::ErrorKind::NotFound
    ));
    assert!(site.names().is_empty(), "the file is removed");
}

/// A write that fails does so a write later; the last one, with nobody to tell.
#[tokio::test]
async fn write_that_fails_is_the_error_of_the_block() {
    let site = Site::new();
    let read_only = site.path().join("read-only");
    fs::write(&read_only, "before").unwrap();
    let open = async move {
        let file = TempFile::from_existing(read_only, async_tempfile::Ownership::Owned).await?;
        file.open_ro().await
    };
    let saved = site.path().join("saved");
    let ended: Result<(), Error> = async {
        async_with!(file(open) as file, {
            file.write_all(b"text").await?;
            file.persist_to(&saved);
        })
    }
    .await;
    assert!(matches!(ended, Err(Error::Io(_))), "{ended:?}");
    assert!(site.names().is_empty());
}

#[test]
fn file_whose_enter_is_dropped_is_removed() {
    dropped_at_each_wait(&async |site| async_with!(in_site(site), {}));
}

//! Files.

use std::cell::Cell;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::time::Duration;

use forwith::{CancelToken, async_with, scope};
use forwith_resources::tempfile::file;
use tokio::sync::oneshot;

use super::site::{Site, keep_busy, one_thread};
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, caught, poll_times, strike};
use forwith_testing::{soon, until};

async fn save(site: &Site, phase: &Cell<Phase>) -> io::Result<()> {
    async_with!(file().within(site.path()) as file, {
        phase.set(Phase::Body);
        file.run(|file| file.write_all(b"one ")).await?;
        file.run(|file| file.write_all(b"two")).await?;
        file.persist_to(site.path().join("saved"));
        phase.set(Phase::Exit);
    })
}

#[tokio::test]
async fn file_ends_with_its_body() {
    for kind in ["completes", "is persisted", "fails", "panics"] {
        let site = Site::new();
        let work = async {
            async_with!(file().within(site.path()) as file, {
                file.run(|file| file.write_all(b"text")).await?;
                assert_eq!(site.names(), [file.path()]);
                if kind != "completes" {
                    file.persist_to(site.path().join("saved"));
                }
                match kind {
                    "fails" => Err(ErrorKind::Other)?,
                    "panics" => panic!(),
                    _ => {}
                }
                Ok::<_, io::Error>(())
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
    let mut struck = 0;
    for kind in STRIKES {
        for at in PHASES {
            for time in 1..20 {
                let what = format!("{kind:?} in {at:?}, {time}");
                let site = Site::new();
                let saved = site.path().join("saved");
                let ended = strike(kind, at, time, &phase, save(&site, &phase)).await;
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

/// The thread is busy when the exit is dropped, so the file gets its name behind that.
#[test]
fn persist_is_not_cut() {
    let runtime = one_thread();
    let site = Site::new();
    runtime.block_on(async {
        let phase = Cell::new(Phase::Enter);
        let busy = Cell::new(None);
        let work = async {
            async_with!(file().within(site.path()) as file, {
                file.run(|file| file.write_all(b"text")).await?;
                file.persist_to(site.path().join("saved"));
                busy.set(Some(keep_busy()));
                let call = file.run(|file| file.write_all(b", and more"));
                assert!(poll_times(1, call).await.is_none());
                phase.set(Phase::Exit);
                Ok::<_, io::Error>(())
            })?
        };
        let ended = strike(Strike::DroppedWithoutReaper, Phase::Exit, 1, &phase, work).await;
        assert!(matches!(ended, Ended::Struck));
        assert!(!site.path().join("saved").exists());
        drop(busy);
        let saved = site.path().join("saved");
        until("the name", async || saved.exists().then_some(()).ok_or(())).await;
        assert_eq!(site.names(), [saved.as_path()]);
        assert_eq!(fs::read(saved).unwrap(), b"text, and more");
    });
}

#[tokio::test]
async fn calls_are_made_one_after_the_other() {
    let site = Site::new();
    let saved = site.path().join("saved");
    let ended: io::Result<()> = async {
        async_with!(file().within(site.path()) as file, {
            for number in 0..20 {
                // Whether it has begun or not: what has is in front of the next.
                let call = file.run(move |file| write!(file, "{number} "));
                drop(poll_times(1, call).await);
                file.run(|file| file.write_all(b"| ")).await?;
            }
            file.persist_to(&saved);
        })
    }
    .await;
    ended.unwrap();
    let text = fs::read_to_string(&saved).unwrap();
    let numbers = text.trim_end_matches(" | ").split(" | ");
    let numbers: Vec<u8> = numbers.map(|number| number.parse().unwrap()).collect();
    assert_eq!(numbers, (0..20).collect::<Vec<_>>());
}

#[tokio::test]
async fn persist_that_fails_is_the_error_of_the_block() {
    let site = Site::new();
    let saved = site.path().join("saved");
    fs::write(&saved, "before").unwrap();
    let ended: io::Result<()> = async {
        async_with!(file().within(site.path()) as file, {
            file.persist_new_to(&saved)
        })
    }
    .await;
    assert_eq!(ended.unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(site.names(), [saved.as_path()], "the file is removed");
    assert_eq!(fs::read(&saved).unwrap(), b"before");

    let phase = Cell::new(Phase::Enter);
    save(&site, &phase).await.unwrap();
    assert_eq!(fs::read(&saved).unwrap(), b"one two", "it is replaced");

    let nowhere = site.path().join("nowhere/saved");
    let ended: io::Result<()> = async {
        async_with!(file().within(site.path()) as file, {
            file.persist_to(nowhere)
        })
    }
    .await;
    assert_eq!(ended.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(site.names(), [saved.as_path()]);
}

#[tokio::test]
async fn exit_that_takes_for_ever_is_bounded() {
    for kind in STRIKES {
        let site = Site::new();
        let stop = CancelToken::new();
        let (start, started) = oneshot::channel();
        let (release, released) = std::sync::mpsc::channel::<()>();
        let work = async {
            let file = file().within(site.path());
            async_with!(file.remove_limit(Duration::from_millis(5)) as file, {
                file.run(move |_| {
                    start.send(()).unwrap();
                    let _ = released.recv();
                })
                .await;
                Ok::<(), io::Error>(())
            })?
        };
        let mut work = Box::pin(scope(work, stop.cancelled()));
        tokio::select! {
            _ = &mut work => unreachable!(),
            started = started => started.unwrap(),
        }
        if kind == Strike::Cancelled {
            stop.cancel();
            let ended = soon("the scope", work).await;
            let errors = ended.unwrap_err();
            let error = errors.exit_errors()[0].error().to_string();
            assert!(error.contains("not ended within 5ms"), "{error}");
        } else {
            drop(work);
        }
        assert_eq!(site.names().len(), 1);
        drop(release);
        site.until_empty("the call has ended").await;
    }
}

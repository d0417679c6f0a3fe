//! Files that are flushed.

use std::cell::Cell;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use forwith::{CancelToken, async_with};
use forwith_resources::tokio::file;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::endings::ENDINGS;
use super::pool::{in_a_small_pool, keep_busy};
use super::program::{LARGEST, is_limited};
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, poll_times, strike};
use forwith_testing::until;

/// Whether this program has the file open.
fn is_open(path: &Path) -> Result<(), &'static str> {
    let open = fs::read_dir("/proc/self/fd").unwrap().flatten();
    let mut names = open.filter_map(|open| fs::read_link(open.path()).ok());
    if names.any(|name| name == path) {
        Err("it is open")
    } else {
        Ok(())
    }
}

#[test]
fn file_is_whole_behind_its_block() {
    in_a_small_pool(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for ending in ENDINGS {
            for syncs in [0, 1, 2] {
                let token = CancelToken::new();
                let work = async {
                    let mut enter = file(File::create(&path));
                    enter = match syncs {
                        0 => enter,
                        1 => enter.sync_data(),
                        _ => enter.sync_all(),
                    };
                    async_with!(enter as file, {
                        keep_busy();
                        file.write_all(b"hello").await?;
                        ending.end(&token).await?;
                    })
                };
                ending.run(&token, work).await;
                assert_eq!(fs::read(&path).unwrap(), b"hello", "{ending:?}");
                assert_eq!(is_open(&path), Ok(()));
            }
        }
    });
}

#[test]
fn file_is_struck_in_each_phase() {
    in_a_small_pool(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let phase = Cell::new(Phase::Enter);
        let written = Cell::new(0);
        let work = async || -> io::Result<()> {
            written.set(0);
            keep_busy();
            async_with!(file(File::create(&path)).sync_all() as file, {
                phase.set(Phase::Body);
                for _ in 0..3 {
                    keep_busy();
                    file.write_all(b"hello").await?;
                    written.set(written.get() + 5);
                }
                phase.set(Phase::Exit);
            })
        };
        for kind in STRIKES {
            for at in PHASES {
                for time in 1.. {
                    assert!(time < 100);
                    let what = format!("{kind:?} in {at:?}, {time}");
                    let ended = strike(kind, at, time, &phase, work()).await;
                    let look = async || {
                        is_open(&path)?;
                        let len = fs::metadata(&path).map_or(0, |file| file.len());
                        let is_there = len == written.get();
                        is_there.then_some(()).ok_or("it is short")
                    };
                    if kind == Strike::DroppedWithoutReaper || at == Phase::Enter {
                        until(&what, look).await;
                    } else {
                        assert_eq!(look().await, Ok(()), "{what}");
                    }
                    if let Ended::First(ended) = ended {
                        ended.unwrap();
                        assert!(time > 1 || kind == Strike::Cancelled, "{what}");
                        break;
                    }
                }
            }
        }
    });
}

#[tokio::test]
async fn full_disk_is_an_error() {
    let ended: io::Result<()> = async {
        async_with!(
            file(File::options().write(true).open("/dev/full")) as file,
            {
                file.write_all(b"hello").await?;
            }
        )
    }
    .await;
    assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::StorageFull);
    // The error of the body is the first one.
    let ended: io::Result<()> = async {
        async_with!(
            file(File::options().write(true).open("/dev/full")) as file,
            {
                file.write_all(b"hello").await?;
                Err(io::ErrorKind::NotFound)?;
            }
        )
    }
    .await;
    assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::NotFound);
}

#[tokio::test]
async fn file_that_may_not_grow_is_an_error() {
    if !is_limited("file::file_that_may_not_grow_is_an_error") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let ended: io::Result<()> = async {
        async_with!(file(File::create(&path)).sync_all() as file, {
            file.write_all(&[1; LARGEST + 500]).await?;
            assert!(
                file.sync_all().await.is_ok(),
                "this release of tokio tells of a failed write when it syncs (1.54.1 does not): \
                 change the row in the README"
            );
        })
    }
    .await;
    assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    assert_eq!(fs::read(&path).unwrap().len(), LARGEST);
}

#[tokio::test]
async fn file_that_cannot_be_opened_is_an_error() {
    let ended: io::Result<()> =
        async { async_with!(file(File::open("/nothing")), { unreachable!() }) }.await;
    assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::NotFound);
}

/// A read of a pipe takes until somebody writes.
#[tokio::test]
async fn flush_that_takes_too_long_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    let mut pipe = fs::File::options();
    let mut pipe = pipe.read(true).write(true).open(&path).unwrap();
    let ended: io::Result<()> = async {
        let enter = file(File::open(&path)).flush_limit(Duration::from_millis(10));
        async_with!(enter as file, {
            let read = poll_times(1, file.read(&mut [0; 1])).await;
            assert!(read.is_none());
        })
    }
    .await;
    assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::TimedOut);
    io::Write::write_all(&mut pipe, b"1").unwrap(); // or the runtime waits
}

/// Without this, `file` need not exist.
#[test]
fn file_of_tokio_that_is_dropped_is_short() {
    in_a_small_pool(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut file = File::create(&path).await.unwrap();
        keep_busy();
        file.write_all(b"hello").await.unwrap();
        drop(file);
        assert_eq!(
            fs::read(&path).unwrap(),
            b"",
            "this release of tokio writes before the drop of a file returns (1.54.1 does not): \
             change the row in the README"
        );
    });
}

/// Without this, the exit of `file` need not flush before it syncs.
#[tokio::test]
async fn failed_write_of_tokio_is_told_once_and_not_by_every_call() {
    let full = File::options().write(true).open("/dev/full").await;
    let mut full = full.unwrap();
    full.write_all(b"hello").await.unwrap();
    assert!(
        full.metadata().await.is_ok(),
        "this release of tokio tells of a failed write in other calls (1.54.1 does not): change \
         the row in the README"
    );
    let told = full.flush().await.unwrap_err();
    assert_eq!(told.kind(), io::ErrorKind::StorageFull);
    assert!(full.flush().await.is_ok(), "it is told twice");
}

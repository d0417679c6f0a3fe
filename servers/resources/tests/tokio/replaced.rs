//! Files that replace another one.

use std::cell::Cell;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Stdio;

use forwith::{CancelToken, async_with};
use forwith_resources::tokio::{child, replaced};
use tokio::io::AsyncWriteExt;
use tokio::task::spawn_blocking;

use super::endings::{ENDINGS, Ending};
use super::pool::{in_a_small_pool, keep_busy};
use super::processes::sh;
use super::program::{LARGEST, is_limited};
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, poll_times, strike};
use forwith_testing::until;

/// What is in the folder: the file alone, with this.
fn only(folder: &Path, contents: &str) -> Result<(), Vec<(String, String)>> {
    let files = fs::read_dir(folder).unwrap().flatten();
    let files: Vec<_> = files
        .map(|file| {
            let name = file.file_name().into_string().unwrap();
            (name, fs::read_to_string(file.path()).unwrap_or_default())
        })
        .collect();
    if files == [("file".to_string(), contents.to_string())] {
        Ok(())
    } else {
        Err(files)
    }
}

#[tokio::test]
async fn file_is_replaced_when_the_body_completes() {
    for is_there in [false, true] {
        for syncs in [false, true] {
            for ending in ENDINGS {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("file");
                if is_there {
                    fs::write(&path, "old").unwrap();
                    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
                }
                let token = CancelToken::new();
                let work = async {
                    let mut enter = replaced(&path);
                    if !syncs {
                        enter = enter.without_sync();
                    }
                    async_with!(enter as file, {
                        file.write_all(b"new").await?;
                        let metadata = file.metadata().await?;
                        assert!(!is_there || metadata.mode() & 0o777 == 0o600);
                        assert!(only(folder.path(), "new").is_err(), "not yet");
                        ending.end(&token).await?;
                    })
                };
                ending.run(&token, work).await;
                match ending {
                    Ending::Completes => {
                        assert_eq!(only(folder.path(), "new"), Ok(()));
                        let mode = fs::metadata(&path).unwrap().mode() & 0o777;
                        assert!(!is_there || mode == 0o600, "{mode:o}");
                    }
                    _ if is_there => assert_eq!(only(folder.path(), "old"), Ok(()), "{ending:?}"),
                    _ => assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0),
                }
            }
        }
    }
}

#[test]
fn replacement_is_struck_in_each_phase() {
    in_a_small_pool(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let phase = Cell::new(Phase::Enter);
        let work = async || -> io::Result<()> {
            keep_busy();
            async_with!(replaced(&path) as file, {
                phase.set(Phase::Body);
                for piece in ["n", "e", "w"] {
                    file.write_all(piece.as_bytes()).await?;
                    keep_busy();
                }
                phase.set(Phase::Exit);
            })
        };
        for kind in STRIKES {
            for at in PHASES {
                for time in 1.. {
                    assert!(time < 100);
                    fs::write(&path, "old").unwrap();
                    let what = format!("{kind:?} in {at:?}, {time}");
                    let ended = strike(kind, at, time, &phase, work()).await;
                    let is_new = matches!(ended, Ended::First(_));
                    let look = async || match only(folder.path(), "new") {
                        Err(seen) if !is_new => only(folder.path(), "old").map_err(|_| seen),
                        seen => seen,
                    };
                    if kind == Strike::DroppedWithoutReaper {
                        until(&what, look).await;
                    } else {
                        assert_eq!(look().await, Ok(()), "{what}");
                    }
                    if kind != Strike::DroppedWithoutReaper {
                        let changed = fs::metadata(folder.path()).unwrap().modified().unwrap();
                        spawn_blocking(|| ()).await.unwrap(); // behind all calls
                        let later = fs::metadata(folder.path()).unwrap().modified().unwrap();
                        assert_eq!(later, changed, "a call was not awaited: {what}");
                    }
                    if !is_new && at != Phase::Exit {
                        assert_eq!(only(folder.path(), "old"), Ok(()), "{what}");
                    }
                    if !is_new && at == Phase::Exit && kind == Strike::Dropped {
                        assert_eq!(only(folder.path(), "new"), Ok(()), "it goes on: {what}");
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

/// The creation is queued in the pool when it is given up, and the folder is gone when it runs.
#[test]
fn replacement_that_is_given_up_in_the_queue_leaves_nothing() {
    in_a_small_pool(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let (release, is_released) = std::sync::mpsc::channel::<()>();
        drop(spawn_blocking(move || is_released.recv()));
        let work = async { async_with!(replaced(&path), { unreachable!() }) };
        assert!(poll_times::<io::Result<()>>(1, work).await.is_none());
        release.send(()).unwrap();
        spawn_blocking(|| ()).await.unwrap(); // behind it
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    });
}

/// The exit of the process comes first, and its error is that of the body for the file.
#[tokio::test]
async fn output_of_a_process_that_fails_replaces_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (script, expected) in [("echo new", "new\n"), ("echo new; exit 3", "old")] {
        let path = folder.path().join("file");
        fs::write(&path, "old").unwrap();
        let mut command = sh(script);
        let ended: io::Result<()> = async {
            async_with!(
                replaced(&path) as file,
                child(command.stdout(Stdio::piped())).require_success() as child,
                {
                    let mut out = child.stdout.take().unwrap();
                    tokio::io::copy(&mut out, &mut **file).await?;
                }
            )
        }
        .await;
        assert_eq!(ended.is_ok(), expected != "old");
        assert_eq!(only(folder.path(), expected), Ok(()));
    }
}

#[tokio::test]
async fn link_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("link");
    fs::write(folder.path().join("file"), "old").unwrap();
    symlink(folder.path().join("file"), &link).unwrap();
    let ended: io::Result<()> =
        async { async_with!(replaced(&link) as file, { file.write_all(b"new").await? }) }.await;
    ended.unwrap();
    assert_eq!(only(folder.path(), "new"), Ok(()));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
}

#[tokio::test]
async fn what_is_no_file_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    for (path, kind) in [
        (folder.path().to_path_buf(), io::ErrorKind::InvalidInput),
        ("/".into(), io::ErrorKind::InvalidInput),
        ("/dev/null".into(), io::ErrorKind::InvalidInput),
        (folder.path().join("none/file"), io::ErrorKind::NotFound),
    ] {
        let ended: io::Result<()> =
            async { async_with!(replaced(&path), { unreachable!() }) }.await;
        assert_eq!(ended.unwrap_err().kind(), kind, "{}", path.display());
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn replacement_that_cannot_be_written_replaces_nothing() {
    if !is_limited("replaced::replacement_that_cannot_be_written_replaces_nothing") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "old").unwrap();
    let ended: io::Result<()> = async {
        async_with!(replaced(&path) as file, {
            file.write_all(&[1; LARGEST + 500]).await?;
        })
    }
    .await;
    assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    assert_eq!(only(folder.path(), "old"), Ok(()));
}

/// Without this, the exit of `replaced` need not be one call of the pool.
#[test]
fn rename_of_tokio_that_is_dropped_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("draft");
    fs::write(&path, "new").unwrap();
    let target = folder.path().join("file");
    in_a_small_pool(async {
        let (release, released) = std::sync::mpsc::channel::<()>();
        drop(spawn_blocking(move || released.recv()));
        let renamed = poll_times(1, tokio::fs::rename(&path, &target)).await;
        assert!(renamed.is_none());
        drop(release);
        until(
            "that the file has its name: this release of tokio gives up a rename that is dropped \
             (1.54.1 does not): change the row in the README",
            async || only(folder.path(), "new"),
        )
        .await;
    });
}

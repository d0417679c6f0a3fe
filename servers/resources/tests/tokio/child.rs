//! Processes.

use std::cell::Cell;
use std::fs;
use std::future::pending;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use forwith::{CancelToken, ExitWith, async_with, scope};
use forwith_resources::tokio::{Unsuccessful, child};
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, caught, strike};
use forwith_testing::{soon, until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use super::processes::{dead, gone, group, line, sh};

#[tokio::test]
async fn process_ends_with_its_body() {
    for kind in ["completes", "fails", "panics", "is cancelled"] {
        let id = Cell::new(0);
        let token = CancelToken::new();
        let mut command = sh("sleep 1000 & echo ready; cat; sleep 1000 & echo end");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let work = async {
            async_with!(child(command) as child, {
                id.set(child.id().unwrap());
                assert_eq!(line(child).await?, "ready\n");
                assert!(group(id.get()).len() >= 2, "the shell, and its child");
                match kind {
                    "fails" => Err(io::ErrorKind::NotFound)?,
                    "panics" => panic!(),
                    "is cancelled" => {
                        token.cancel();
                        pending::<()>().await;
                    }
                    _ => {}
                }
            })
        };
        let work = async { drop(scope(work, token.cancelled()).await) };
        soon("the block", caught(work)).await;
        assert_eq!(gone(id.get()), Ok(()), "right behind a body that {kind}");
    }
}

#[tokio::test]
async fn end_of_a_process_is_awaited() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("told");
    let mut command = sh(&format!(
        "cat > {0}; sleep 0.1; echo end >> {0}",
        path.display()
    ));
    let told: io::Result<()> = async {
        async_with!(
            child(command.stdin(Stdio::piped())).require_success() as child,
            {
                let input = child.stdin.as_mut().unwrap();
                input.write_all(b"hello\n").await?;
            }
        )
    }
    .await;
    told.unwrap();
    assert_eq!(fs::read_to_string(path).unwrap(), "hello\nend\n");
}

#[tokio::test]
async fn status_is_an_error_if_that_is_asked_for() {
    for (script, code, signal) in [
        ("exit 0", Some(0), None),
        ("exit 3", Some(3), None),
        ("kill -KILL $$", None, Some(9)),
    ] {
        for is_read in [false, true] {
            let run = async |is_required: bool| -> io::Result<()> {
                let mut enter = child(sh(script));
                if is_required {
                    enter = enter.require_success();
                }
                async_with!(enter as child, {
                    if is_read {
                        let status = child.wait().await?;
                        assert_eq!((status.code(), status.signal()), (code, signal));
                    }
                })
            };
            run(false).await.unwrap();
            let ended = run(true).await;
            assert_eq!(ended.is_ok(), code == Some(0), "{script}");
            if let Err(error) = ended {
                let status = Unsuccessful::of(&error).unwrap().status();
                assert_eq!((status.code(), status.signal()), (code, signal));
                assert!(error.to_string().contains("has not succeeded"), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn program_that_is_not_there_is_an_error() {
    let ended: io::Result<()> =
        async { async_with!(child(Command::new("/nothing/here")), { unreachable!() }) }.await;
    assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::NotFound);
}

#[tokio::test]
async fn process_is_struck_in_each_phase() {
    let phase = Cell::new(Phase::Enter);
    let id = Cell::new(0);
    let work = async || -> io::Result<()> {
        // A process that needs a moment to end, and a grandchild that ends only by a signal.
        let mut command = sh("(sleep 1000 & sleep 1000) & trap 'exit 0' TERM; echo ready; cat");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        async_with!(child(command) as child, {
            id.set(child.id().unwrap());
            phase.set(Phase::Body);
            line(child).await?;
            child.stdin.as_mut().unwrap().write_all(b"hello\n").await?;
            line(child).await?;
            phase.set(Phase::Exit);
        })
    };
    for kind in STRIKES {
        for at in PHASES {
            let (mut time, mut tries) = (1, 0);
            loop {
                let what = format!("{kind:?} in {at:?}, {time}");
                let ended = strike(kind, at, time, &phase, work()).await;
                if kind == Strike::DroppedWithoutReaper {
                    until(&what, async || gone(id.get())).await;
                } else {
                    assert_eq!(gone(id.get()), Ok(()), "{what}");
                }
                tries += 1;
                assert!(tries < 100, "no strike: {what}");
                match ended {
                    Ended::Struck => time += 1,
                    Ended::First(ended) => {
                        ended.unwrap();
                        break;
                    }
                }
            }
            assert!(
                tries > 1 || at == Phase::Enter || kind == Strike::Cancelled,
                "{kind:?} {at:?}"
            );
        }
    }
}

/// The body has completed, and the exit awaits a process that does not end by itself.
#[tokio::test]
async fn wait_of_an_exit_ends_with_a_strike() {
    let phase = Cell::new(Phase::Enter);
    for limit in [None, Some(Duration::from_secs(1000))] {
        for kind in STRIKES {
            let (id, seen) = (Arc::new(AtomicU32::new(0)), Arc::new(Mutex::new(None)));
            let mut enter = child(sh("sleep 1000 & sleep 1000")).require_success();
            if let Some(limit) = limit {
                enter = enter.exit_limit(limit);
            }
            let (seen_by_exit, id_for_exit) = (seen.clone(), id.clone());
            let around = async { Ok(()) }.exit_with(async move |(), _| {
                let left = gone(id_for_exit.load(Ordering::Relaxed));
                *seen_by_exit.lock().unwrap() = Some(left);
                Ok(())
            });
            let work = async {
                async_with!(around, enter as child, {
                    id.store(child.id().unwrap(), Ordering::Relaxed);
                    phase.set(Phase::Exit);
                })
            };
            let ended: Ended<io::Result<()>> = strike(kind, Phase::Exit, 1, &phase, work).await;
            assert!(matches!(ended, Ended::Struck), "{ended:?}");
            let id = id.load(Ordering::Relaxed);
            if kind == Strike::DroppedWithoutReaper {
                until("its end", async || gone(id)).await;
            } else {
                let seen = seen.lock().unwrap().take();
                assert_eq!(seen, Some(Ok(())), "as the exit around saw it");
                assert_eq!(gone(id), Ok(()), "{kind:?}");
            }
        }
    }
}

/// The processes that many tasks have, which are aborted.
#[tokio::test]
async fn processes_of_many_tasks_are_ended_in_the_reaper() {
    let reaper = forwith::reaper::Reaper::tokio();
    let _entered = reaper.enter();
    let (sender, mut ids) = tokio::sync::mpsc::unbounded_channel();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let sender = sender.clone();
        tasks.spawn(async move {
            async_with!(child(sh("sleep 1000 & sleep 1000")) as child, {
                sender.send(child.id().unwrap()).unwrap();
                child.wait().await?;
            })
        });
    }
    let mut seen = Vec::new();
    for _ in 0..16 {
        seen.push(ids.recv().await.unwrap());
    }
    tasks.shutdown().await;
    soon("the reaper", reaper.join()).await;
    for id in seen {
        assert_eq!(gone(id), Ok(()));
    }
}

/// Without a runtime there is only the destructor. It kills the group.
#[test]
fn process_that_is_dropped_without_a_runtime_is_killed() {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    let id = Cell::new(0);
    let mut work = Box::pin(async {
        async_with!(child(sh("sleep 1000 & sleep 1000")) as child, {
            id.set(child.id().unwrap());
            pending::<()>().await;
            Ok::<_, io::Error>(())
        })?
    });
    runtime.block_on(async {
        let polled = futures::poll!(&mut work);
        assert!(polled.is_pending());
    });
    drop(runtime);
    drop(work);
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    runtime.block_on(until("that none is alive", async || dead(id.get())));
    // The next runtime reaps it.
    runtime.block_on(async { sh("true").status().await.unwrap() });
    runtime.block_on(until("that it is reaped", async || gone(id.get())));
}

#[tokio::test]
async fn process_has_time_to_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("said");
    for (begin, is_stopped) in [("", false), ("kill -STOP $$", true)] {
        let script = format!(
            "trap 'sleep 0.1; echo bye > {}; exit' TERM; echo ready; {begin}
             while :; do sleep 0.05; done",
            path.display()
        );
        let id = Cell::new(0);
        let mut command = sh(&script);
        let ended: io::Result<()> = async {
            async_with!(child(command.stdout(Stdio::piped())) as child, {
                id.set(child.id().unwrap());
                line(child).await?;
                if is_stopped {
                    until("that it is stopped", async || {
                        let seen = group(id.get());
                        if seen[0].state == 'T' {
                            Ok(())
                        } else {
                            Err(seen)
                        }
                    })
                    .await;
                }
                Err(io::ErrorKind::NotFound)?;
            })
        }
        .await;
        assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(fs::read_to_string(&path).unwrap(), "bye\n", "{begin}");
        assert_eq!(gone(id.get()), Ok(()));
        fs::remove_file(&path).unwrap();
    }
}

#[tokio::test]
async fn process_that_does_not_listen_is_killed() {
    // The second one is a grandchild that does not listen, of a process that does.
    for script in [
        "trap '' TERM; echo ready; while :; do sleep 1000; done",
        "(trap '' TERM; echo ready; while :; do sleep 1000; done) & sleep 1000",
    ] {
        for grace in [Duration::ZERO, Duration::from_millis(30)] {
            let id = Cell::new(0);
            let mut command = sh(script);
            let ended: io::Result<()> = async {
                let enter = child(command.stdout(Stdio::piped())).grace(grace);
                async_with!(enter as child, {
                    id.set(child.id().unwrap());
                    line(child).await?;
                    Err(io::ErrorKind::NotFound)?;
                })
            }
            .await;
            assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::NotFound);
            assert_eq!(gone(id.get()), Ok(()), "{script}");
        }
    }
}

#[tokio::test]
async fn process_that_takes_too_long_is_an_error() {
    let id = Cell::new(0);
    let ended: io::Result<()> = async {
        let enter = child(sh("sleep 1000 & sleep 1000")).exit_limit(Duration::from_millis(20));
        async_with!(enter as child, { id.set(child.id().unwrap()) })
    }
    .await;
    assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::TimedOut);
    assert_eq!(gone(id.get()), Ok(()));
}

#[tokio::test]
async fn server_ends_with_its_body() {
    let id = Cell::new(0);
    let run = async |script: &str| -> io::Result<()> {
        let enter = child(sh(script)).end_with_body().require_success();
        async_with!(enter as child, {
            id.set(child.id().unwrap());
            if script != "sleep 1000" {
                until("its end", async || dead(id.get())).await;
            }
        })
    };
    run("sleep 1000").await.unwrap();
    assert_eq!(gone(id.get()), Ok(()));
    run("exit 0").await.unwrap();
    assert_eq!(gone(id.get()), Ok(()));
    let crashed = run("exit 3").await.unwrap_err();
    assert_eq!(Unsuccessful::of(&crashed).unwrap().status().code(), Some(3));
    assert_eq!(gone(id.get()), Ok(()));
}

/// A pipe is full after 64 kB, and then the writer waits for the reader.
#[tokio::test]
async fn output_that_nobody_reads_stops_nobody() {
    let script = "yes | head -c 500000; yes | head -c 500000 >&2";
    for takes in [false, true] {
        let mut command = sh(script);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let ended = async {
            async_with!(child(command).require_success() as child, {
                if takes {
                    let mut out = child.stdout.take().unwrap();
                    out.read_exact(&mut vec![0; 10_000]).await?;
                }
            })
        };
        let ended: io::Result<()> = soon("the block", ended).await;
        ended.unwrap();
    }
    let mut endless = sh("yes");
    let id = Cell::new(0);
    let ended = async {
        async_with!(child(endless.stdout(Stdio::piped())) as child, {
            id.set(child.id().unwrap());
            Err(io::ErrorKind::NotFound)?;
        })
    };
    let ended: io::Result<()> = soon("the block", ended).await;
    assert!(ended.is_err());
    assert_eq!(gone(id.get()), Ok(()));
}

//! The group of a process.

use std::cell::Cell;
use std::fs;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::Duration;

use forwith::async_with;
use forwith_resources::tokio::child;
use rustix::process::{getpgrp, getpid, set_child_subreaper};
use tokio::process::Command;

use super::processes::{gone, group, line, sh};
use super::program::is_own;

/// The group is there, although the process that it is named for has been reaped.
#[tokio::test]
async fn group_of_a_process_that_was_awaited_is_ended() {
    for fails in [false, true] {
        let id = Cell::new(0);
        let ended: io::Result<()> = async {
            async_with!(child(sh("sleep 1000 & exit 0")) as child, {
                id.set(child.id().unwrap());
                assert!(child.wait().await?.success());
                assert_eq!(group(id.get()).len(), 1, "the grandchild");
                if fails {
                    Err(io::ErrorKind::NotFound)?;
                }
            })
        }
        .await;
        assert_eq!(ended.is_err(), fails);
        assert_eq!(gone(id.get()), Ok(()));
    }
}

/// The init process of a container gets the orphans of all others, and has to reap them.
#[tokio::test]
async fn orphans_of_a_program_that_is_init_are_reaped() {
    if !is_own(
        ":",
        "child_group::orphans_of_a_program_that_is_init_are_reaped",
    ) {
        return;
    }
    set_child_subreaper(Some(getpid())).unwrap();
    for fails in [false, true] {
        let id = Cell::new(0);
        let mut command = sh("sleep 1000 & (sleep 1000 & sleep 1000) & echo ready; cat");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let ended: io::Result<()> = async {
            async_with!(child(command) as child, {
                id.set(child.id().unwrap());
                line(child).await?;
                if fails {
                    Err(io::ErrorKind::NotFound)?;
                }
            })
        }
        .await;
        assert_eq!(ended.is_err(), fails);
        assert_eq!(group(id.get()), []);
    }
}

/// It goes to the group of this program, so it is asked and killed by itself.
#[tokio::test]
async fn process_that_has_left_its_group_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("said");
    let script = "$SIG{TERM} = sub { open(my $said, '>', $ARGV[1]); exit }; \
                  setpgrp(0, $ARGV[0]) or die; $| = 1; print \"ready\\n\"; sleep 1 while 1";
    for grace in [Duration::ZERO, Duration::from_secs(30)] {
        let mut command = Command::new("perl");
        command.args(["-e", script, &getpgrp().as_raw_nonzero().to_string()]);
        command.arg(&path).stdout(Stdio::piped());
        let id = Cell::new(0);
        let ended: io::Result<()> = async {
            async_with!(child(command).grace(grace) as child, {
                id.set(child.id().unwrap());
                assert_eq!(line(child).await?, "ready\n");
                Err(io::ErrorKind::InvalidData)?;
            })
        }
        .await;
        match ended.unwrap_err().kind() {
            io::ErrorKind::NotFound => println!("there is no perl"),
            kind => {
                assert_eq!(kind, io::ErrorKind::InvalidData);
                assert!(!fs::exists(format!("/proc/{}", id.get())).unwrap());
                assert_eq!(path.exists(), !grace.is_zero(), "it was asked");
            }
        }
    }
}

/// The process has been reaped, and another one has got its number. That needs a system that lets
/// us choose.
#[tokio::test]
async fn group_of_another_process_is_left_alone() {
    for fails in [false, true] {
        let mut other = None;
        let ended: io::Result<()> = async {
            async_with!(child(sh("exit 0")) as child, {
                let id = child.id().unwrap();
                child.wait().await?;
                for _ in 0..200 {
                    let last = fs::write("/proc/sys/kernel/ns_last_pid", (id - 1).to_string());
                    let mut command = Command::new("sleep");
                    command.arg("1000").process_group(0).kill_on_drop(true);
                    let got = command.spawn()?;
                    if got.id() == Some(id) {
                        other = Some(got);
                    }
                    if last.is_err() || other.is_some() {
                        break;
                    }
                }
                if fails {
                    Err(io::ErrorKind::NotFound)?;
                }
            })
        }
        .await;
        assert_eq!(ended.is_err(), fails);
        match &mut other {
            Some(other) => {
                other.start_kill().unwrap();
                let status = other.wait().await.unwrap();
                assert_eq!(status.signal(), Some(9), "nobody else has signalled it");
            }
            None => println!("no process has got the number"),
        }
    }
}

//! What tokio does with processes by itself.

use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Command;

use super::processes::{dead, group, sh};
use forwith_testing::until;

fn end(id: u32) {
    let id = Pid::from_raw(id.try_into().unwrap()).unwrap();
    kill_process_group(id, Signal::KILL).unwrap();
}

/// Without this, `child` need not exist.
#[tokio::test]
async fn child_of_tokio_that_is_dropped_goes_on() {
    let mut command = Command::new("sleep");
    let child = command.arg("1000").process_group(0).spawn().unwrap();
    let id = child.id().unwrap();
    drop(child);
    tokio::task::yield_now().await;
    assert!(
        dead(id).is_err(),
        "this release of tokio ends a process that is dropped (1.54.1 does not): change the row in \
         the README"
    );
    end(id);
}

/// Without this, `child` need not have a group.
#[tokio::test]
async fn child_of_tokio_that_is_killed_leaves_its_own_children() {
    let mut command = sh("sleep 1000 & echo ready; wait");
    command.process_group(0).kill_on_drop(true);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let id = child.id().unwrap();
    let mut ready = [0; 6];
    let out = child.stdout.as_mut().unwrap();
    tokio::io::AsyncReadExt::read_exact(out, &mut ready)
        .await
        .unwrap();
    drop(child);
    until("the end of the shell", async || {
        let seen = group(id);
        if seen.iter().all(|seen| seen.id != id || seen.state == 'Z') {
            Ok(())
        } else {
            Err(seen)
        }
    })
    .await;
    assert!(
        dead(id).is_err(),
        "this release of tokio kills the children of a process, too (1.54.1 does not): change the \
         row in the README"
    );
    end(id);
}

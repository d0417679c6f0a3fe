//! The process group of a child.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::process::ExitStatus;
use std::task::{Context, Poll};
use std::time::Duration;

use ::tokio::io::{AsyncRead, ReadBuf};
use ::tokio::process::{Child, ChildStderr, ChildStdout, Command};
use ::tokio::time::{sleep, timeout};

use super::within::timed_out;

/// How long the system may take to end processes that were killed.
const KILL_LIMIT: Duration = Duration::from_secs(5);

/// The pause from which on a look is a close one, which reads of all processes of the system.
const LONG_PAUSE: Duration = Duration::from_millis(8);

/// The longest pause between two looks at what is left of a group.
const LONGEST_PAUSE: Duration = Duration::from_millis(64);

/// A child, and the processes of its group. They are killed when this is dropped.
pub(super) struct Group {
    child: Child,
    pipes: Pipes,
    members: Members,
    has_ended: bool,
}

impl Group {
    pub(super) fn spawn(command: &mut Command) -> io::Result<Self> {
        #[cfg(unix)]
        command.process_group(0);
        let child = command.kill_on_drop(true).spawn()?;
        let members = Members::of(&child);
        Ok(Group {
            child,
            pipes: Pipes::default(),
            members,
            has_ended: false,
        })
    }

    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    pub(super) fn child_ref(&self) -> &Child {
        &self.child
    }

    /// Takes the pipes that the body has left.
    pub(super) fn take_pipes(&mut self) {
        if self.child.stdout.is_some() {
            self.pipes.out = self.child.stdout.take();
        }
        if self.child.stderr.is_some() {
            self.pipes.error = self.child.stderr.take();
        }
    }

    /// Closes the standard input, and awaits the end of the child. What it writes is thrown away.
    pub(super) async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.pipes.drained(self.child.wait()).await
    }

    /// Ends all processes of the group, and awaits their end.
    pub(super) async fn end(mut self, grace: Duration) -> io::Result<()> {
        let asked = !grace.is_zero() && self.members.ask(&self.child);
        let is_gone = asked
            && timeout(grace, self.gone())
                .await
                .is_ok_and(|gone| gone.is_ok());
        if !is_gone {
            self.kill();
            let Ok(gone) = timeout(KILL_LIMIT, self.gone()).await else {
                return Err(timed_out(
                    KILL_LIMIT,
                    "processes that were killed have not ended",
                ));
            };
            gone?;
        }
        self.has_ended = true;
        Ok(())
    }

    /// Awaits the end of all processes of the group.
    async fn gone(&mut self) -> io::Result<()> {
        let Group {
            child,
            pipes,
            members,
            ..
        } = self;
        let ends = async {
            child.wait().await?;
            let mut pause = Duration::from_millis(1);
            while members.are_left(pause >= LONG_PAUSE) {
                sleep(pause).await;
                pause = LONGEST_PAUSE.min(2 * pause);
            }
            Ok(())
        };
        pipes.drained(ends).await
    }

    /// Kills all of them. It does not wait.
    fn kill(&mut self) {
        self.members.kill(&self.child);
        drop(self.child.start_kill()); // also one that has left its group
    }
}

/// The destructor of the child reaps it, or lets tokio do so.
impl Drop for Group {
    fn drop(&mut self) {
        if !self.has_ended {
            self.kill();
        }
    }
}

/// The ends of pipes that nobody reads.
#[derive(Default)]
struct Pipes {
    out: Option<ChildStdout>,
    error: Option<ChildStderr>,
}

impl Pipes {
    /// Awaits a future, and reads meanwhile, so that no writer waits for a reader.
    async fn drained<T>(&mut self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        poll_fn(|cx| {
            drain(&mut self.out, cx);
            drain(&mut self.error, cx);
            future.as_mut().poll(cx)
        })
        .await
    }
}

fn drain(pipe: &mut Option<impl AsyncRead + Unpin>, cx: &mut Context<'_>) {
    let mut bytes = [0; 4096];
    // A writer may be as fast as this, so others have their turn in between.
    for _ in 0..16 {
        let Some(reader) = pipe else { return };
        let mut buffer = ReadBuf::new(&mut bytes);
        match Pin::new(reader).poll_read(cx, &mut buffer) {
            Poll::Pending => return,
            Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
            Poll::Ready(_) => *pipe = None,
        }
    }
    cx.waker().wake_by_ref();
}

#[cfg(unix)]
use unix::Members;

#[cfg(unix)]
mod unix {
    use ::tokio::process::Child;
    use rustix::io::Errno;
    use rustix::process::{
        Pid, Signal, WaitOptions, kill_process, kill_process_group, test_kill_process,
        test_kill_process_group, waitpgid,
    };

    /// The processes of a group, by the number of it.
    pub(in super::super) struct Members(Option<Pid>);

    impl Members {
        pub(super) fn of(child: &Child) -> Self {
            Members(child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?)))
        }

        /// The number of the group, if it is still that of the child's.
        ///
        /// The number is not given to others before the child has been reaped and the group is
        /// empty. Behind that, it is that of a process first. So a group without such a process is
        /// that of the child.
        fn group(&self, child: &Child) -> Option<Pid> {
            self.0
                .filter(|&id| child.id().is_some() || is_no_process(id))
        }

        /// Asks them to end. Gives whether there is anybody to ask.
        pub(super) fn ask(&self, child: &Child) -> bool {
            let Some(id) = self.group(child) else {
                return false;
            };
            let asked = match kill_process_group(id, Signal::TERM) {
                // The child has gone to another group.
                Err(Errno::SRCH) if child.id().is_some() => kill_process(id, Signal::TERM),
                asked => asked,
            };
            // A process that is stopped would not hear of it.
            let _ = kill_process_group(id, Signal::CONT);
            asked.is_ok()
        }

        pub(super) fn kill(&self, child: &Child) {
            if let Some(id) = self.group(child) {
                let _ = kill_process_group(id, Signal::KILL);
            }
        }

        /// Whether processes of the group are left, now that the child has been reaped.
        pub(super) fn are_left(&self, looks_closely: bool) -> bool {
            let Some(id) = self.0.filter(|&id| is_no_process(id)) else {
                return false;
            };
            reap(id);
            // Twice, since one may be forked by another one that ends during the first look.
            let are_dead = || are_zombies(id) && are_zombies(id);
            let are_left = is_there(id) && !(looks_closely && are_dead());
            if !are_left {
                reap(id); // those that have ended since
            }
            are_left
        }
    }

    /// Reaps the orphans of a group. A program gets them that is the init process of a container.
    fn reap(id: Pid) {
        while let Ok(Some(_)) = waitpgid(id, WaitOptions::NOHANG) {}
    }

    fn is_no_process(id: Pid) -> bool {
        test_kill_process(id) == Err(Errno::SRCH)
    }

    /// Whether there is such a group, be it of processes that may not be signalled.
    fn is_there(id: Pid) -> bool {
        test_kill_process_group(id) != Err(Errno::SRCH)
    }

    /// Whether all processes of the group are dead, and their parents have not reaped them.
    #[cfg(target_os = "linux")]
    fn are_zombies(id: Pid) -> bool {
        let id = id.as_raw_nonzero().to_string();
        let Ok(processes) = std::fs::read_dir("/proc") else {
            return false;
        };
        processes.flatten().all(|process| {
            let stat = std::fs::read_to_string(process.path().join("stat"));
            let stat = stat.unwrap_or_default();
            // Behind the name, in which anything may be: the state, the parent and the group.
            let mut fields = stat.rsplit(')').next().unwrap_or("").split_whitespace();
            let state = fields.next();
            fields.nth(1) != Some(&id) || matches!(state, Some("Z" | "X"))
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn are_zombies(_: Pid) -> bool {
        false
    }
}

/// Elsewhere there are no groups, and nobody can be asked.
#[cfg(not(unix))]
struct Members;

#[cfg(not(unix))]
impl Members {
    fn of(_: &Child) -> Self {
        Members
    }

    fn ask(&self, _: &Child) -> bool {
        false
    }

    fn kill(&self, _: &Child) {}

    fn are_left(&self, _: bool) -> bool {
        false
    }
}

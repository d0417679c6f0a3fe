//! Processes.

use std::borrow::BorrowMut;
use std::error::Error;
use std::fmt;
use std::io;
use std::ops::{Deref, DerefMut};
use std::process::ExitStatus;
use std::time::Duration;

use ::tokio::process::{Child, Command};
use forwith::resource::{WithExit, exit_with};
use forwith::{AsyncEnter, AsyncExit, Handoff, Outcome};

use super::group::Group;
use super::within::{unless_cancelled, within};

/// How long a process may take to end when it is asked to, unless it is told otherwise.
const GRACE: Duration = Duration::from_secs(5);

/// Starts a process in a process group of its own, and awaits its end.
///
/// `command` is a [`Command`], or a mutable reference to one. Its process group and its
/// `kill_on_drop` are set here. The body gets a [`HeldChild`], which derefs to the [`Child`].
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::tokio::child;
/// use std::io;
/// use tokio::process::Command;
///
/// async fn pack(folder: &str) -> io::Result<()> {
///     async_with!(
///         child(Command::new("tar").args(["-cf", "packed.tar", folder])).require_success(),
///         {}
///     )
/// }
/// ```
///
/// # The group
///
/// On Unix, the exit ends the processes that the process has started, too. Two kinds are in no
/// group of ours, and go on: those in a session of their own, as daemons are, and the jobs of a
/// shell that has job control. Elsewhere the exit ends the process alone.
///
/// The group is not that of the terminal. So Ctrl-C does not reach it, and a process that reads
/// from the terminal is stopped.
///
/// # Errors
///
/// Those of [`Command::spawn`].
///
/// # Panics
///
/// Panics outside of a tokio runtime with I/O and timers.
///
/// # Cancel safety
///
/// It starts at once, so it is never cancelled midway.
pub fn child<C: BorrowMut<Command>>(command: C) -> SpawnChild<C> {
    SpawnChild {
        command,
        settings: Settings {
            requires_success: false,
            ends_with_body: false,
            limit: None,
            grace: GRACE,
        },
    }
}

/// An enter of a process, from [`child`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct SpawnChild<C> {
    command: C,
    settings: Settings,
}

#[derive(Debug)]
struct Settings {
    requires_success: bool,
    ends_with_body: bool,
    limit: Option<Duration>,
    grace: Duration,
}

impl<C> SpawnChild<C> {
    /// Makes a status other than success an error of the block, behind a body that completes. It is
    /// an [`Unsuccessful`].
    ///
    /// Otherwise the status goes to those who ask for it: `child.wait().await?` in the body gives
    /// it.
    pub fn require_success(mut self) -> Self {
        self.settings.requires_success = true;
        self
    }

    /// Ends the process also when the body completes: for a server that the body uses.
    ///
    /// With [`require_success`](SpawnChild::require_success), only the status of a process that has
    /// ended before the body did counts.
    pub fn end_with_body(mut self) -> Self {
        self.settings.ends_with_body = true;
        self
    }

    /// Bounds how long the process may go on behind a body that completes; otherwise there is no
    /// bound. When the time is over, the process is ended, and the exit fails.
    pub fn exit_limit(mut self, limit: Duration) -> Self {
        self.settings.limit = Some(limit);
        self
    }

    /// Sets how long the processes may take to end when they are asked to; otherwise that is 5
    /// seconds. Then they are killed. With [`Duration::ZERO`] they are killed at once.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.settings.grace = grace;
        self
    }
}

#[diagnostic::do_not_recommend]
impl<C: BorrowMut<Command>> AsyncEnter for SpawnChild<C> {
    type Resource = HeldChild;

    async fn enter(self) -> io::Result<HeldChild> {
        let SpawnChild {
            mut command,
            settings,
        } = self;
        let group = Group::spawn(command.borrow_mut())?;
        let grace = settings.grace;
        let group = exit_with(group, move |mut group: Group, _| {
            group.take_pipes();
            group.end(grace)
        });
        Ok(HeldChild { group, settings })
    }
}

/// A process. It derefs to the [`Child`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`child`].
///
/// | the body | the exit |
/// |---|---|
/// | completes | closes the standard input, awaits the process, and ends the rest of the group |
/// | fails, panics, or is cancelled | ends the whole group |
/// | is dropped | ends the group in the [reaper](forwith::reaper), or without one kills it |
///
/// An exit that awaits the process, and is cancelled or dropped meanwhile, ends the group, too.
///
/// To end the group, its processes are asked by `SIGTERM`. When the
/// [grace](SpawnChild::grace) is over, they are killed. That is awaited: behind the block none is
/// alive, and the process is no zombie. Zombies that other processes have left belong to the init
/// process of the system or the container.
///
/// What the process writes into a pipe that the body has not taken is read, and thrown away, until
/// it ends. A pipe that the body has taken is closed when the body drops it.
///
/// Without a reaper, a process that was killed stays a zombie until a runtime of tokio runs in this
/// program.
///
/// # Errors
///
/// The process has not ended within its [limit](SpawnChild::exit_limit), or was
/// [`Unsuccessful`], if that is asked for. And that a process is alive 5 seconds behind its
/// `SIGKILL`: the system does not let it end, or it runs as another user.
pub struct HeldChild {
    /// Ends the group, also in the reaper when it is dropped.
    group: WithExit<Group, io::Error>,
    settings: Settings,
}

// No `OwnedExit`: a wait for the process that is dropped must not go on.
#[diagnostic::do_not_recommend]
impl AsyncExit for HeldChild {
    type Error = io::Error;

    const OUTLIVES: bool = true; // by the drop of the group

    async fn exit(self, outcome: Outcome<'_>) -> io::Result<()> {
        let HeldChild {
            mut group,
            settings,
        } = self;
        group.take_pipes();
        let waited = if !outcome.is_completed() {
            None
        } else if settings.ends_with_body {
            group.child().try_wait().transpose()
        } else if let Some(limit) = settings.limit {
            let wait = within(limit, "the process has not ended", group.wait());
            unless_cancelled(wait).await
        } else {
            unless_cancelled(group.wait()).await
        };
        group.exit(outcome).await?;
        match waited.transpose()? {
            Some(status) if settings.requires_success && !status.success() => {
                Err(io::Error::other(Unsuccessful { status }))
            }
            _ => Ok(()),
        }
    }

    fn abandon(self, handoff: Handoff<'_>) {
        self.group.abandon(handoff);
    }
}

impl Deref for HeldChild {
    type Target = Child;

    fn deref(&self) -> &Child {
        self.group.child_ref()
    }
}

impl DerefMut for HeldChild {
    fn deref_mut(&mut self) -> &mut Child {
        self.group.child()
    }
}

/// The error of a process that has ended, but not well. It is in an [`io::Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsuccessful {
    status: ExitStatus,
}

impl Unsuccessful {
    /// Finds out whether an error of a block is this one.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<&Unsuccessful> {
        error.get_ref()?.downcast_ref()
    }

    /// How the process has ended.
    #[must_use]
    pub fn status(&self) -> ExitStatus {
        self.status
    }
}

impl fmt::Display for Unsuccessful {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the process has not succeeded: {}", self.status)
    }
}

impl Error for Unsuccessful {}

impl<C> fmt::Debug for SpawnChild<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpawnChild")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for HeldChild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeldChild").field(&**self).finish()
    }
}

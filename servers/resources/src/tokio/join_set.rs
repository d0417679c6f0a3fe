//! Sets of tasks.

use std::fmt::{self, Debug};
use std::future::ready;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::time::Duration;

use ::tokio::task::{JoinError, JoinSet};
use ::tokio::time::timeout;
use forwith::resource::{WithExit, exit_with};
use forwith::{AsyncEnter, AsyncExit, Handoff, Outcome};

use super::within::unless_cancelled;

/// Awaits all tasks of a [`JoinSet`] when the body completes, and aborts them otherwise.
///
/// The body gets a [`HeldJoinSet`], which derefs to the [`JoinSet`]. The tasks give `()` or a
/// `Result`, see [`TaskOutput`].
///
/// ```
/// use forwith::async_with;
/// use forwith_resources::tokio::join_set;
/// use std::io;
/// use tokio::task::JoinSet;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let ended: io::Result<()> = async {
///     async_with!(join_set(JoinSet::new()) as tasks, {
///         tasks.spawn(async { Ok(()) });
///         tasks.spawn(async { Err(io::Error::other("the disk is full")) });
///     })
/// }
/// .await;
/// assert_eq!(ended.unwrap_err().to_string(), "the disk is full");
/// # }
/// ```
///
/// # Or a task group
///
/// This is for code that has a [`JoinSet`] already. A task of it that is aborted cannot await the
/// exits of its resources: they go to the [reaper](forwith::reaper). And a task that fails stops
/// nobody: the error comes when all have ended. Tasks of a
/// [`TaskGroup`](https://docs.rs/forwith/latest/forwith/on_tokio/struct.TaskGroup.html) are
/// cancelled instead, which awaits their exits, and the first one that fails cancels the others and
/// the body.
///
/// # Cancel safety
///
/// It is ready at once.
pub fn join_set<T, E>(set: JoinSet<T>) -> EnterJoinSet<T, E>
where
    T: TaskOutput<Error = E> + Send + 'static,
    E: Debug + Send + 'static,
{
    EnterJoinSet(HeldJoinSet {
        set: exit_with(set, async |mut set: JoinSet<T>, _| {
            set.abort_all();
            join(&mut set, false).await.map_or(Ok(()), Err)
        }),
        limit: None,
        join: |set, limit| Box::pin(join_within(set, limit)),
    })
}

/// Awaits all tasks, and gives the first failure. Behind the limit the rest is aborted.
async fn join_within<T: TaskOutput + 'static>(
    set: &mut JoinSet<T>,
    limit: Option<Duration>,
) -> Option<T::Error> {
    let Some(limit) = limit else {
        return join(set, false).await;
    };
    let mut first = None;
    if timeout(limit, join_into(&mut first, set, false))
        .await
        .is_err()
    {
        set.abort_all();
        join_into(&mut first, set, true).await;
    }
    first
}

async fn join<T: TaskOutput + 'static>(
    set: &mut JoinSet<T>,
    fails_if_aborted: bool,
) -> Option<T::Error> {
    let mut first = None;
    join_into(&mut first, set, fails_if_aborted).await;
    first
}

/// Awaits all tasks, and notes the first failure.
async fn join_into<T: TaskOutput + 'static>(
    first: &mut Option<T::Error>,
    set: &mut JoinSet<T>,
    fails_if_aborted: bool,
) {
    while let Some(joined) = set.join_next().await {
        let is_aborted = joined.as_ref().is_err_and(JoinError::is_cancelled);
        if first.is_none() && (fails_if_aborted || !is_aborted) {
            *first = T::failure(joined);
        }
    }
}

/// What the tasks of a [`join_set`] give: nothing, or a `Result`.
///
/// A panic is a [`JoinError`]. The error of a `Result` can be made of one: that is so for
/// [`io::Error`](std::io::Error), `Box<dyn Error + Send + Sync>` and `anyhow::Error`.
#[diagnostic::on_unimplemented(
    message = "a set of tasks that give `{Self}` is no resource",
    label = "it is neither `()`, nor a `Result` whose error can be made of a `JoinError`",
    note = "let the tasks give `()`, or a `Result<T, E>` where `E: From<JoinError>`"
)]
pub trait TaskOutput: Sized {
    /// The error of the block.
    type Error;

    /// The error of a task that has ended, if it has failed.
    fn failure(joined: Result<Self, JoinError>) -> Option<Self::Error>;
}

impl TaskOutput for () {
    type Error = JoinError;

    fn failure(joined: Result<(), JoinError>) -> Option<JoinError> {
        joined.err()
    }
}

impl<T, E: From<JoinError>> TaskOutput for Result<T, E> {
    type Error = E;

    fn failure(joined: Result<Self, JoinError>) -> Option<E> {
        joined.map_or_else(|error| Some(error.into()), Result::err)
    }
}

/// An enter of a set of tasks, from [`join_set`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct EnterJoinSet<T: Send, E: Debug>(HeldJoinSet<T, E>);

impl<T: Send, E: Debug> EnterJoinSet<T, E> {
    /// Bounds how long the tasks may go on behind a body that completes; otherwise there is no
    /// bound. When the time is over, they are aborted, and the exit fails.
    pub fn join_limit(mut self, limit: Duration) -> Self {
        self.0.limit = Some(limit);
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T: Send, E: Debug> AsyncEnter for EnterJoinSet<T, E> {
    type Resource = HeldJoinSet<T, E>;

    fn enter(self) -> impl Future<Output = Result<HeldJoinSet<T, E>, E>> {
        ready(Ok(self.0))
    }
}

/// A set of tasks that have all ended behind their block. It derefs to the [`JoinSet`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`join_set`].
///
/// | the body | the exit |
/// |---|---|
/// | completes | awaits all tasks |
/// | fails, panics, or is cancelled | aborts them, and awaits their ends |
/// | is dropped | the same, in the [reaper](forwith::reaper) |
///
/// An exit that awaits the tasks, and is cancelled or dropped meanwhile, aborts them, too.
///
/// So no task uses what belongs to the resources around when those are exited. Without a reaper the
/// tasks are aborted, and end a moment later.
///
/// A task that runs in the blocking pool, or never awaits anything, cannot be aborted: the exit
/// waits for it.
///
/// # Errors
///
/// The error of the task that has failed first, or its panic. A task that was aborted by somebody
/// has not failed. A result that the body has taken from the set is the body's.
pub struct HeldJoinSet<T: Send, E: Debug> {
    /// Aborts the tasks, also in the reaper when it is dropped.
    set: WithExit<JoinSet<T>, E>,
    limit: Option<Duration>,
    /// Knows that the types are `'static`, which a bound of an impl must not say
    /// (rust-lang/rust#64552).
    join: for<'s> fn(&'s mut JoinSet<T>, Option<Duration>) -> Joined<'s, E>,
}

type Joined<'s, E> = Pin<Box<dyn Future<Output = Option<E>> + Send + 's>>;

// No `OwnedExit`: a wait for the tasks that is dropped must not go on.
#[diagnostic::do_not_recommend]
impl<T: Send, E: Debug> AsyncExit for HeldJoinSet<T, E> {
    type Error = E;

    const OUTLIVES: bool = true; // by the drop of the set

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), E> {
        let HeldJoinSet {
            mut set,
            limit,
            join,
        } = self;
        let mut failed = None;
        if outcome.is_completed() {
            let joined = unless_cancelled(join(&mut set, limit)).await;
            failed = joined.flatten();
        }
        let aborted = set.exit(outcome).await;
        failed.map_or(aborted, Err)
    }

    fn abandon(self, handoff: Handoff<'_>) {
        self.set.abandon(handoff);
    }
}

impl<T: Send, E: Debug> Deref for HeldJoinSet<T, E> {
    type Target = JoinSet<T>;

    fn deref(&self) -> &JoinSet<T> {
        &self.set
    }
}

impl<T: Send, E: Debug> DerefMut for HeldJoinSet<T, E> {
    fn deref_mut(&mut self) -> &mut JoinSet<T> {
        &mut self.set
    }
}

impl<T: Send, E: Debug> Debug for EnterJoinSet<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnterJoinSet").finish_non_exhaustive()
    }
}

impl<T: Send, E: Debug> Debug for HeldJoinSet<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeldJoinSet").field(&**self).finish()
    }
}

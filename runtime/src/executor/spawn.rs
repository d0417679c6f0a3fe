//! Starting tasks.

use std::future::Future;

use forwith::reaper::LocalAbandoned;
use forwith_timeline::Label;

use super::join_handle::JoinHandle;
use super::raw::{self, Arena};
use super::task::{HeldTask, KeepResult, ResultSlot, Sink, TaskRef};
use crate::task::JoinError;

/// Starts a task: a future that the executor polls beside the others.
///
/// It is first polled when the tasks that are ready now have had their turn. It needs no `Send`,
/// for it stays on this thread. It belongs to no [`scope`](forwith::scope) around it but has one of
/// its own, which [`JoinHandle::cancel`] cancels.
///
/// ```
/// use forwith_runtime::{block_on, spawn};
///
/// block_on(async {
///     let task = spawn(async { 3 * 3 * 3 });
///     assert_eq!(task.await.unwrap(), 27);
/// });
/// ```
///
/// # Panics
///
/// Panics outside an executor of this crate.
///
/// # Cancel safety
///
/// A task belongs to no scope in which it is spawned, and runs on when its handle is dropped. It is
/// cancelled by [`JoinHandle::cancel`], in a [`TaskGroup`](crate::TaskGroup), or at the end of the
/// executor; then its exits are awaited.
#[doc(alias("create_task", "start_soon", "launch", "spawn_local"))]
#[inline]
pub fn spawn<F, T>(future: F) -> JoinHandle<T>
where
    F: Future<Output = T> + 'static,
{
    running(|arena| JoinHandle::new(HeldTask::spawn(arena, None, future, KeepResult)))
}

/// Starts a task as [`spawn`] does, with a name for its lane in the [`Timeline`](crate::Timeline).
///
/// ```
/// use forwith_runtime::{Executor, Timeline, spawn_named};
///
/// let timeline = Timeline::new();
/// Executor::with_virtual_clock().record(&timeline).block_on(async {
///     spawn_named("ticker", async {}).await.unwrap();
/// });
/// assert!(timeline.to_string().contains("ticker"));
/// ```
///
/// # Panics
///
/// Panics outside an executor of this crate.
pub fn spawn_named<F, T>(name: impl Into<Label>, future: F) -> JoinHandle<T>
where
    F: Future<Output = T> + 'static,
{
    let name = name.into();
    running(|arena| JoinHandle::new(HeldTask::spawn(arena, Some(name), future, KeepResult)))
}

/// Starts a task whose result goes to `sink`.
#[inline]
pub(crate) fn spawn_into<F, S>(future: F, sink: S) -> TaskRef
where
    F: Future + 'static,
    S: Sink<F::Output> + 'static,
{
    running(|arena| TaskRef::spawn(arena, None, future, sink))
}

/// Starts an exit that was handed over. The end of the run awaits it, and does not cancel it.
pub(super) fn spawn_exit(arena: &Arena, exit: LocalAbandoned) {
    let task = TaskRef::spawn(arena, Some("reaper".into()), exit, Discard);
    arena.begin_awaiting(task.live().expect("it has just begun"));
}

/// Ignores the result.
struct Discard;

impl Sink<()> for Discard {
    fn deliver(self, _: Result<(), JoinError>, _: ResultSlot<'_, ()>) {}
}

/// Calls `f` with the arena of the executor that is running on this thread.
///
/// # Panics
///
/// When none is running.
#[inline]
pub(crate) fn running<R>(f: impl FnOnce(&Arena) -> R) -> R {
    raw::with_innermost(f).expect(
        "no executor is running on this thread: \
         spawn inside `forwith_runtime::block_on` or an `Executor`",
    )
}

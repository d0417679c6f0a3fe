//! The scope of a task, for executors.

use core::task::{Poll, Waker};
use core::{fmt, mem};

use super::current::{self, Current, Kind};
use super::kept_panic::KeptPanic;
use super::root::Root;
use crate::observe;
use crate::util::panic;

/// The scope of one task, for an executor that polls and drops the task's future itself.
///
/// It lies beside the future, not around it, and belongs to no outer scope, which makes it cheap: a
/// task that enters nothing costs two looks at a variable of the thread. The
/// [module](crate::executor) shows the calls in their order.
#[derive(Default)]
pub struct TaskScope(Root);

impl TaskScope {
    /// Runs one poll of the task, which must not panic, outside of every other scope.
    #[inline]
    pub fn run<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        debug_assert!(
            current::is_outside(),
            "a task is polled by its executor, outside of scopes"
        );
        if self.0.is_bare() {
            current::set_kind(Kind::Bare);
        } else {
            self.set_current_slow();
        }
        let polled = poll();
        if current::is_bare() {
            current::set_kind(Kind::Outside);
        } else {
            self.take_current_slow();
        }
        polled
    }

    /// Makes the root the current node.
    #[cold]
    fn set_current_slow(&mut self) {
        current::set(Current {
            kind: Kind::Inside,
            node: self.0.0.take(),
        });
    }

    /// Takes the root back. A member may have created it in this poll.
    #[cold]
    fn take_current_slow(&mut self) {
        // What is replaced is `None` while the root is away.
        mem::forget(mem::replace(&mut self.0.0, current::take().node));
        self.0.release_first();
    }

    /// Cancels the task: from its next polls on, bodies are dropped and their exits run.
    pub fn cancel(&self) {
        // A subscriber is the user's code, and an executor has no use for its panic.
        panic::contain(observe::scope_is_stopped);
        self.0.cancel();
    }

    /// Ready when every exit has ended in a scope that was cancelled, so that the future can be
    /// dropped. To be asked behind each [`run`](TaskScope::run): an exit that ends in a run wakes
    /// nobody for it. `waker` is woken when one ends elsewhere.
    pub fn poll_vacated(&mut self, waker: &Waker) -> Poll<()> {
        self.0.poll_vacated(waker)
    }

    /// Whether the task has entered nothing so far.
    #[inline]
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.0.is_bare()
    }

    /// Ends the scope once its future has been dropped.
    ///
    /// The panic of an exit that the cancellation began is given back.
    pub fn end(&mut self) -> Option<KeptPanic> {
        let root = self.0.0.take()?;
        let kept = root.tree.take_panic();
        // Members that were forgotten have left their wakers behind, which are the user's code.
        panic::contain(|| drop(root));
        kept
    }
}

impl fmt::Debug for TaskScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskScope")
            .field("bare", &self.is_bare())
            .finish_non_exhaustive()
    }
}

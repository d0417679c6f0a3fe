//! The root of a scope's tree, which grows when somebody joins.

use core::task::Waker;
use core::{fmt, mem};

use super::kept_panic::KeptPanic;
use super::place::{self, Kind, Place, Seat, Visit};
use crate::observe;
use crate::util::panic;

/// A scope as its future stands in it. Most futures enter nothing, and then there is no tree.
#[derive(Default)]
pub(crate) struct Root(Seat);

impl Root {
    /// Whether nobody has joined so far.
    #[inline]
    pub(super) fn is_bare(&self) -> bool {
        self.0.is_none()
    }

    #[inline]
    fn kind(&self) -> Kind {
        if self.is_bare() {
            Kind::Bare
        } else {
            Kind::Inside
        }
    }

    /// Lets what is polled during the visit find its scope here.
    #[inline]
    pub(super) fn visit(&mut self, around: Place) -> Visit<'_> {
        Visit::begin(around, self.kind(), &mut self.0)
    }

    /// Tells all inside to go.
    pub(super) fn cancel(&self) {
        if let Some(root) = &self.0 {
            root.tree.cancel();
        }
    }

    /// Whether nobody is left inside; until then, `waker` is woken when that changes.
    #[inline]
    pub(super) fn is_vacated(&mut self, waker: &Waker) -> bool {
        let root = self.0.as_mut();
        root.is_none_or(|root| root.must_go(waker))
    }

    /// The panic of an exit that the cancellation had begun.
    #[inline]
    pub(super) fn take_panic(&self) -> Option<KeptPanic> {
        self.0.as_ref()?.tree.take_panic()
    }
}

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
            place::is_outside(),
            "a task is polled by its executor alone"
        );
        if self.0.is_bare() {
            place::change(Kind::Bare);
        } else {
            self.go_there();
        }
        let polled = poll();
        if place::is_bare() {
            place::change(Kind::Outside);
        } else {
            self.bring_home();
        }
        polled
    }

    /// What follows stands in the tree that has grown.
    #[cold]
    fn go_there(&mut self) {
        place::put_back(Place {
            kind: Kind::Inside,
            seat: self.0.0.take(),
        });
    }

    /// What came before has stood there.
    #[cold]
    fn bring_home(&mut self) {
        // What lies at home is empty as long as its seat is away.
        mem::forget(mem::replace(&mut self.0.0, place::take().seat));
    }

    /// Cancels the task: from its next polls on, bodies are dropped and their exits run.
    pub fn cancel(&self) {
        // Who listens is a stranger, and an executor has no use for its panic.
        panic::contain(observe::scope_is_stopped);
        self.0.cancel();
    }

    /// Whether every exit has ended in a scope that was cancelled, so that the future can be dropped.
    ///
    /// Otherwise `waker` is woken when that changes.
    pub fn is_vacated(&mut self, waker: &Waker) -> bool {
        self.0.is_vacated(waker)
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
        // Members that were forgotten have left their wakers, which are strangers'.
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

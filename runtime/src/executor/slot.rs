//! Where a task sits while it lives, and the waker that leads there.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};

use super::Core;
use super::injector::Injector;
use super::stop::Stop;
use super::task::Run;
use crate::{TaskId, context};

/// The slot of the future that `block_on` was given. It holds no task: that future need not be
/// `'static`.
pub(super) const MAIN: usize = 0;

/// A place for one task at a time.
///
/// A slot outlives its task and is used again, so its waker is made only once. Whoever still holds
/// that waker then wakes the wrong task, which is harmless: any task may be polled at any time.
pub(crate) struct Slot {
    pub(super) index: usize,
    pub(super) task: RefCell<Option<Rc<dyn Run>>>,
    pub(super) id: Cell<TaskId>,
    /// Whether it stands in the ready queue.
    pub(super) queued: Cell<bool>,
    /// Whether the task is to stop.
    pub(super) stop: Cell<Stop>,
    /// Whether the end of the executor waits for the task.
    pub(super) awaited: Cell<bool>,
    pub(super) waker: Waker,
    remote: Arc<SlotWaker>,
    pub(super) core: Weak<Core>,
}

impl Slot {
    pub(super) fn new(
        index: usize,
        executor: u64,
        core: Weak<Core>,
        injector: &Arc<Injector>,
    ) -> Rc<Self> {
        let remote = Arc::new(SlotWaker {
            index,
            executor,
            injected: AtomicBool::new(false),
            injector: injector.clone(),
        });
        Rc::new(Slot {
            index,
            task: RefCell::default(),
            id: Cell::default(),
            queued: Cell::new(false),
            stop: Cell::default(),
            awaited: Cell::new(false),
            waker: remote.clone().into(),
            remote,
            core,
        })
    }

    /// Says that the executor has taken the slot out of the injector.
    pub(super) fn was_taken(&self) {
        // A swap and not a store: it also makes visible what was written before wakes that found
        // the slot injected already.
        self.remote.injected.swap(false, Ordering::AcqRel);
    }
}

/// What a [`Waker`] of a task points to. It may be used on any thread, and after the executor has gone.
struct SlotWaker {
    index: usize,
    /// The executor that the slot belongs to.
    executor: u64,
    /// Whether the slot is in the injector.
    injected: AtomicBool,
    injector: Arc<Injector>,
}

impl SlotWaker {
    #[cold]
    fn wake_from_afar(&self) {
        if !self.injected.swap(true, Ordering::AcqRel) {
            self.injector.push(self.index);
        }
    }
}

impl Wake for SlotWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    #[inline]
    fn wake_by_ref(self: &Arc<Self>) {
        if context::with_executor(self.executor, |core| core.wake(self.index)).is_none() {
            self.wake_from_afar();
        }
    }
}

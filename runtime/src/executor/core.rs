//! The state of one run, and its loop.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;

use forwith::reaper::LocalReaper;

use super::end;
use super::injector::Injector;
use super::slot::{MAIN, Slot};
use super::stop::Stop;
use super::task::Run;
use crate::TaskId;
use crate::context::{self, Frame};
use crate::strangers::contain;
use crate::time::{Clock, Label, TimeSource};
use crate::timeline::{Event, EventKind, Timeline};

/// How many polls may pass before timers and other threads are looked at.
const POLLS_BETWEEN_LOOKS: u32 = 64;

/// One run of an executor.
///
/// No borrow of a field may be held while a future, a waker or a destructor runs: it may come back in here.
pub(crate) struct Core {
    pub(crate) time: TimeSource,
    ready: RefCell<VecDeque<Rc<Slot>>>,
    pub(super) slots: RefCell<Vec<Rc<Slot>>>,
    /// Slots without a task, to be used again.
    vacant: RefCell<Vec<Rc<Slot>>>,
    injector: Arc<Injector>,
    timeline: Option<Timeline>,
    /// The task that is being polled or dropped.
    current: Cell<TaskId>,
    last_id: Cell<TaskId>,
    /// How many tasks the end waits for: exits that were handed over, and what it has cancelled.
    pub(super) awaited: Cell<usize>,
    pub(super) reaper: LocalReaper,
    /// Whether the end has come; then no exit is taken any more.
    pub(super) is_closed: Cell<bool>,
    this: Weak<Core>,
}

impl Core {
    pub(super) fn new(clock: Clock, timeline: Option<Timeline>) -> Rc<Self> {
        let core = Rc::new_cyclic(|this| Core {
            time: TimeSource::new(clock),
            ready: RefCell::default(),
            slots: RefCell::default(),
            vacant: RefCell::default(),
            injector: Arc::new(Injector::new()),
            timeline,
            current: Cell::default(),
            last_id: Cell::default(),
            awaited: Cell::new(0),
            reaper: end::reaper(this.clone()),
            is_closed: Cell::new(false),
            this: this.clone(),
        });
        let main = core.new_slot();
        debug_assert_eq!(main.index, MAIN);
        core
    }

    /// Polls `main` and the tasks, in the order in which they were woken, until `main` is ready.
    pub(super) fn run<F: Future>(&self, mut main: Pin<&mut F>) -> F::Output {
        self.record(TaskId::MAIN, || spawned(Some("main".into())));
        self.wake(MAIN);
        self.run_until(|slot| {
            if slot.index == MAIN {
                return self.poll_main(main.as_mut(), slot);
            }
            self.run_task(slot);
            None
        })
    }

    /// Passes the slots in the queue to `step`, in the order in which they were woken, until it gives something.
    pub(super) fn run_until<T>(&self, mut step: impl FnMut(&Rc<Slot>) -> Option<T>) -> T {
        loop {
            for _ in 0..POLLS_BETWEEN_LOOKS {
                let Some(slot) = self.next_ready() else {
                    break;
                };
                self.current.set(slot.id.get());
                if let Some(result) = step(&slot) {
                    return result;
                }
            }
            self.look_around();
        }
    }

    fn next_ready(&self) -> Option<Rc<Slot>> {
        let slot = self.ready.borrow_mut().pop_front()?;
        slot.queued.set(false);
        Some(slot)
    }

    fn poll_main<F: Future>(&self, main: Pin<&mut F>, slot: &Slot) -> Option<F::Output> {
        self.record_current(|| EventKind::PollStarted);
        let polled = main.poll(&mut Context::from_waker(&slot.waker));
        let ready = polled.is_ready();
        self.record_current(|| EventKind::PollEnded { ready });
        let Poll::Ready(output) = polled else {
            return None;
        };
        self.record_current(|| EventKind::Finished);
        Some(output)
    }

    pub(super) fn run_task(&self, slot: &Rc<Slot>) {
        let task = slot.task.borrow();
        let ended = task.as_ref().is_none_or(|task| task.run(self, &slot.waker));
        drop(task);
        if ended {
            self.vacate(slot);
        }
    }

    /// Frees the slot of a task that has ended, unless it is queued once more: then it is freed when its
    /// turn comes, or else a new task in it would jump the queue.
    pub(super) fn vacate(&self, slot: &Rc<Slot>) {
        let task = slot.task.take();
        if slot.awaited.take() {
            self.awaited.set(self.awaited.get() - 1);
        }
        if !slot.queued.get() {
            self.vacant.borrow_mut().push(slot.clone());
        }
        // Drops the result too, if nobody is there to fetch it. Nor is anybody there to be told that
        // its destructor panicked.
        contain(|| drop(task));
    }

    /// Fires timers, takes wakes from other threads, and rests if that gave nothing to do.
    fn look_around(&self) {
        self.time.fire_due();
        // Last, for firing may have run code that swallowed this thread's unpark.
        for index in self.injector.take() {
            self.slots.borrow()[index].was_taken();
            self.wake(index);
        }
        if self.ready.borrow().is_empty() {
            self.rest();
        }
    }

    fn rest(&self) {
        match self.time.next_deadline() {
            Some(deadline) => self.time.clock().rest_until(deadline),
            None => thread::park(),
        }
    }

    /// Puts a slot into the ready queue, on this thread.
    #[inline]
    pub(super) fn wake(&self, index: usize) {
        let slots = self.slots.borrow();
        let slot = &slots[index];
        if index != MAIN && slot.task.borrow().is_none() {
            return; // A late wake: were the slot queued, it would be freed for the second time.
        }
        if self.enqueue(slot) {
            self.record(slot.id.get(), || EventKind::Woken);
        }
    }

    /// Appends the slot to the ready queue; says whether it was not there already.
    #[inline]
    pub(super) fn enqueue(&self, slot: &Rc<Slot>) -> bool {
        let new = !slot.queued.replace(true);
        if new {
            self.ready.borrow_mut().push_back(slot.clone());
        }
        new
    }

    /// Asks the task in this slot to stop.
    pub(super) fn cancel(&self, slot: &Slot) {
        if slot.stop.get() == Stop::No {
            slot.stop.set(Stop::Asked);
            self.record(slot.id.get(), || EventKind::Cancelling);
            self.wake(slot.index);
        }
    }

    /// A name and a vacant slot for a new task.
    pub(super) fn reserve(&self) -> (TaskId, Rc<Slot>) {
        let id = self.last_id.get().next();
        self.last_id.set(id);
        let slot = self.vacant.borrow_mut().pop();
        let slot = slot.unwrap_or_else(|| self.new_slot());
        slot.id.set(id);
        slot.stop.set(Stop::No);
        (id, slot)
    }

    /// Puts a new task into its slot, and at the end of the queue.
    pub(super) fn start(&self, slot: &Rc<Slot>, task: Rc<dyn Run>, name: Option<Label>) {
        slot.task.replace(Some(task));
        self.record(slot.id.get(), || spawned(name));
        self.enqueue(slot);
    }

    #[cold]
    fn new_slot(&self) -> Rc<Slot> {
        let mut slots = self.slots.borrow_mut();
        let slot = Slot::new(
            slots.len(),
            self.time.id(),
            self.this.clone(),
            &self.injector,
        );
        slots.push(slot.clone());
        slot
    }

    /// Runs `f` inside this executor as if the task `id` were being polled.
    pub(super) fn on_behalf_of<R>(self: &Rc<Self>, id: TaskId, f: impl FnOnce() -> R) -> R {
        let _entered = context::enter(Frame::Executor(self.clone()));
        let _reaper = self.enter_reaper();
        let before = self.current.replace(id);
        let result = f();
        self.current.set(before);
        result
    }

    #[inline]
    pub(crate) fn is_recorded(&self) -> bool {
        self.timeline.is_some()
    }

    /// Records an event of the task that is running.
    #[inline]
    pub(crate) fn record_current(&self, kind: impl FnOnce() -> EventKind) {
        self.record(self.current.get(), kind);
    }

    /// Records an event. Costs one look at a pointer when no timeline is kept.
    #[inline]
    pub(super) fn record(&self, task: TaskId, kind: impl FnOnce() -> EventKind) {
        if let Some(timeline) = &self.timeline {
            timeline.push(Event {
                at: self.time.now(),
                task,
                kind: kind(),
            });
        }
    }
}

fn spawned(name: Option<Label>) -> EventKind {
    EventKind::Spawned { name }
}

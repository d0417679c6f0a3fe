//! The state of one run, and its loop.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::ptr::NonNull;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use forwith::reaper::LocalReaper;

use super::arena::{Arena, Owned};
use super::end;
use super::task;
use crate::context::{self, Frame};
use crate::task::TaskId;
use crate::time::{Clock, TimeSource};
use crate::timeline::{EventKind, Lane, Timeline};

/// How many polls may pass before timers and other threads are looked at.
const POLLS_BETWEEN_LOOKS: u32 = 64;

/// One run of an executor.
///
/// No borrow of a field may be held while a future, a waker or a destructor runs: it may come back in here.
pub(crate) struct Core {
    pub(crate) time: TimeSource,
    pub(super) arena: Owned,
    /// Where it is recorded, if it is.
    lane: Option<Lane>,
    /// How many tasks the end waits for: exits that were handed over, and what it has cancelled.
    pub(super) awaited: Cell<usize>,
    pub(super) reaper: LocalReaper,
    /// Whether the end has come; then no exit is taken any more.
    pub(super) is_closed: Cell<bool>,
    this: Weak<Core>,
}

impl Core {
    pub(super) fn new(clock: Clock, timeline: Option<Timeline>) -> Rc<Self> {
        Rc::new_cyclic(|this| {
            let arena = Owned::new();
            arena.belongs_to(this.clone());
            let lane = timeline.map(|timeline| {
                let this = this.clone();
                let now = move || {
                    this.upgrade()
                        .map_or(Duration::ZERO, |core: Rc<Core>| core.time.now())
                };
                Lane::of_executor(&timeline, now)
            });
            Core {
                time: TimeSource::new(clock),
                arena,
                lane,
                awaited: Cell::new(0),
                reaper: end::reaper(this.clone()),
                is_closed: Cell::new(false),
                this: this.clone(),
            }
        })
    }

    pub(crate) fn arena(&self) -> NonNull<Arena> {
        self.arena.as_ptr()
    }

    /// Polls `main` and the tasks, in the order in which they were woken, until `main` is ready.
    pub(super) fn run<F: Future>(&self, mut main: Pin<&mut F>) -> F::Output {
        self.record(TaskId::MAIN, || EventKind::Spawned {
            name: Some("main".into()),
        });
        let (header, waker) = self.arena.main();
        waker.wake_by_ref();
        let mut cx = Context::from_waker(&waker);
        let main = || {
            header.main_leaves_queue();
            self.poll_main(main.as_mut(), &mut cx)
        };
        self.run_until(main, || None)
    }

    /// Polls the tasks, in the order in which they were woken, and calls `main` when it is the turn of the main future, until
    /// that gives something, or `others` after a poll of another task.
    #[inline]
    #[expect(
        unsafe_code,
        reason = "it is here that the tasks of the queue are polled"
    )]
    pub(super) fn run_until<T>(
        &self,
        mut main: impl FnMut() -> Option<T>,
        mut others: impl FnMut() -> Option<T>,
    ) -> T {
        let arena: &Arena = &self.arena;
        loop {
            for _ in 0..POLLS_BETWEEN_LOOKS {
                let Some(task) = arena.next_ready() else {
                    break;
                };
                let result = if arena.is_main(task) {
                    main()
                } else {
                    // SAFETY: it comes from the queue of this run, which polls one task at a time, and here alone.
                    unsafe { task::run(task) };
                    others()
                };
                if let Some(result) = result {
                    return result;
                }
            }
            self.look_around();
        }
    }

    #[inline]
    fn poll_main<F: Future>(&self, main: Pin<&mut F>, cx: &mut Context<'_>) -> Option<F::Output> {
        if self.is_recorded() {
            self.tell_begin(TaskId::MAIN);
        }
        let polled = main.poll(cx);
        if self.is_recorded() {
            self.tell_end_of_main(polled.is_ready());
        }
        match polled {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    /// Records that a task is being polled.
    #[cold]
    pub(super) fn tell_begin(&self, task: TaskId) {
        if let Some(lane) = &self.lane {
            lane.set_task(task);
            lane.record(EventKind::PollStarted);
        }
    }

    /// Records that it is not, any more.
    #[cold]
    pub(super) fn tell_end(&self, task: TaskId, ready: bool) {
        self.record(task, || EventKind::PollEnded { ready });
    }

    #[cold]
    fn tell_end_of_main(&self, ready: bool) {
        self.tell_end(TaskId::MAIN, ready);
        if ready {
            self.record(TaskId::MAIN, || EventKind::Finished);
        }
    }

    /// One of those has ended that the end waits for.
    #[cold]
    pub(super) fn has_awaited_one(&self) {
        self.awaited.set(self.awaited.get() - 1);
    }

    /// Fires timers, takes wakes from other threads, and rests if that gave nothing to do.
    #[inline(never)]
    fn look_around(&self) {
        self.time.fire_due();
        // Last, for firing may have run code that swallowed this thread's unpark.
        self.arena.take_in();
        if self.arena.is_idle() {
            self.rest();
        }
    }

    fn rest(&self) {
        match self.time.next_deadline() {
            Some(deadline) => self.time.clock().rest_until(deadline),
            None => thread::park(),
        }
    }

    /// Runs `f` inside this executor as if the task `id` were being polled.
    pub(super) fn on_behalf_of<R>(&self, id: TaskId, f: impl FnOnce() -> R) -> R {
        let this = self.this.upgrade().expect("it is there");
        let _entered = context::enter(Frame::Executor(this));
        let _reaper = self.enter_reaper();
        let before = self.lane.as_ref().map(|lane| lane.set_task(id));
        let result = f();
        if let (Some(lane), Some(before)) = (&self.lane, before) {
            lane.set_task(before);
        }
        result
    }

    #[inline]
    pub(crate) fn is_recorded(&self) -> bool {
        self.lane.is_some()
    }

    pub(crate) fn lane(&self) -> Option<&Lane> {
        self.lane.as_ref()
    }

    /// Records an event of the task that is running.
    #[inline]
    pub(crate) fn record_current(&self, kind: impl FnOnce() -> EventKind) {
        if let Some(lane) = &self.lane {
            lane.record(kind());
        }
    }

    /// Records an event. Costs one look at a pointer when no timeline is kept.
    #[inline]
    pub(super) fn record(&self, task: TaskId, kind: impl FnOnce() -> EventKind) {
        if let Some(lane) = &self.lane {
            lane.record_for(task, kind());
        }
    }
}

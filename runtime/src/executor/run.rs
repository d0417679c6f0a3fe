//! One run of an executor: its state, and its loop.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use forwith::reaper::{Guard, LocalReaper};
use forwith_timeline::{self as timeline, EventKind, Lane, Timeline};

use super::raw::{self, Arena, BorrowedWaker, OwnedArena, Owner};
use super::spawn::spawn_exit;
use super::task;
use crate::clocks::{Clock, TimeSource};
use crate::context::{self, Frame};
use crate::task::TaskId;
use crate::util::probe;

/// One run of an executor.
///
/// No borrow of a field may be held while a future, a waker or a destructor runs: it may come back
/// in here.
pub(super) struct Run {
    pub(super) time: TimeSource,
    pub(super) arena: OwnedArena,
    reaper: LocalReaper,
    /// Whether the run is over, and takes no exits any more.
    is_closed: Cell<bool>,
    this: Weak<Run>,
}

/// Keeps a run the innermost of its thread.
#[must_use = "the run is exited when this is dropped"]
pub(super) struct EnteredRun<'a> {
    // Dropped in this order.
    _lane: timeline::LaneGuard,
    _arena: raw::EnteredArena<'a>,
    _frame: context::EnteredFrame,
}

impl Run {
    pub(super) fn new(clock: Clock, timeline: Option<Timeline>) -> Rc<Self> {
        Rc::new_cyclic(|this: &Weak<Run>| {
            let time = TimeSource::new(clock);
            let lane = timeline.map(|timeline| Run::new_lane(this.clone(), &timeline));
            Run {
                arena: OwnedArena::new(time.id(), lane, this.clone()),
                time,
                reaper: reaper(this.clone()),
                is_closed: Cell::new(false),
                this: this.clone(),
            }
        })
    }

    /// A lane that goes by the run's clock.
    fn new_lane(this: Weak<Run>, timeline: &Timeline) -> Lane {
        let now = move || {
            let run = this.upgrade();
            run.map_or(Duration::ZERO, |run| run.time.now())
        };
        probe::install();
        Lane::of_executor(timeline, now)
    }

    /// Makes this the innermost run of its thread.
    pub(super) fn enter(&self) -> EnteredRun<'_> {
        let this = self.this.upgrade().expect("it is borrowed");
        let frame = context::enter(this);
        // A run that is not recorded hides the lane around it.
        let lane = self.arena.lane();
        EnteredRun {
            _lane: lane.map_or_else(timeline::hide, |lane| lane.enter()),
            _arena: raw::enter(&self.arena),
            _frame: frame,
        }
    }

    /// Makes this run the reaper of its thread. Once it is closed, exits that are handed over are
    /// for the reaper around it.
    pub(super) fn enter_reaper(&self) -> Option<Guard> {
        (!self.is_closed.get()).then(|| self.reaper.enter())
    }

    /// Takes no exits any more.
    pub(super) fn close(&self) {
        self.is_closed.set(true);
    }

    /// Polls `main` and the tasks, in the order in which they are woken, until `main` is ready.
    pub(super) fn run<F: Future>(&self, mut main: Pin<&mut F>) -> F::Output {
        self.arena.record(TaskId::MAIN, || EventKind::Spawned {
            name: Some("main".into()),
        });
        let arena: &Arena = &self.arena;
        let block = arena.main();
        let waker = BorrowedWaker::new(block);
        waker.wake_by_ref();
        let mut cx = Context::from_waker(&waker);
        let poll_main = || {
            block.transition_main_to_polled();
            if arena.is_recorded() {
                arena.record_poll(TaskId::MAIN);
            }
            let polled = main.as_mut().poll(&mut cx);
            if arena.is_recorded() {
                record_end_of_main(arena, polled.is_ready());
            }
            match polled {
                Poll::Ready(output) => Some(output),
                Poll::Pending => None,
            }
        };
        self.run_until(poll_main, || None)
    }

    /// Polls the tasks in the order in which they are woken, and calls `main` when it is the turn
    /// of the main future, and `others` after a poll of another task, until either gives something.
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
            while let Some(block) = arena.next_ready() {
                let result = if arena.is_main(block) {
                    main()
                } else {
                    // SAFETY: the block comes from the queue of this run, which polls one task at a
                    // time, and here alone.
                    unsafe { task::poll_or_give_back(block) };
                    others()
                };
                if let Some(result) = result {
                    return result;
                }
                if self.time.count_poll() {
                    break;
                }
            }
            self.look_around();
        }
    }

    /// Fires timers, takes wakes from other threads, and rests if that gave nothing to do.
    #[inline(never)]
    fn look_around(&self) {
        self.time.fire_due();
        // Comes last: firing may have run code that swallowed this thread's unpark.
        self.arena.empty_inbox();
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
}

#[cold]
fn record_end_of_main(arena: &Arena, ready: bool) {
    arena.record(TaskId::MAIN, || EventKind::PollEnded { ready });
    if ready {
        arena.record(TaskId::MAIN, || EventKind::Finished);
    }
}

impl Owner for Run {
    fn run_as(&self, task: TaskId, f: &mut dyn FnMut()) {
        let _entered = self.enter();
        let _reaper = self.enter_reaper();
        let lane = self.arena.lane();
        let before = lane.as_ref().map(|lane| lane.set_task(task));
        f();
        if let (Some(lane), Some(before)) = (lane, before) {
            lane.set_task(before);
        }
    }
}

impl Frame for Run {
    fn time(&self) -> &TimeSource {
        &self.time
    }

    fn is_watched(&self) -> bool {
        self.arena.is_recorded()
    }

    fn lane(&self) -> Option<Lane> {
        self.arena.lane()
    }
}

/// A reaper that runs exits as tasks of this run.
fn reaper(run: Weak<Run>) -> LocalReaper {
    LocalReaper::new(move |exit| {
        if let Some(run) = run.upgrade() {
            spawn_exit(&run.arena, exit);
        }
    })
}

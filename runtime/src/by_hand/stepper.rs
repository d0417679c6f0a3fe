//! What the futures in a coroutine wait for, as the person who steps it is told.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use forwith_timeline::{self as timeline, EventKind, Label, Lane, Timeline};

use super::request::{Reply, Request};
use crate::clocks::{Clock, TimeSource};
use crate::context::{self, Frame, YieldKey};
use crate::util::panic::{catch, contain};
use crate::util::probe;

/// The list of what a coroutine waits for, and the clock that the person sets.
///
/// A wait that is not on the list has been granted.
pub(super) struct Stepper {
    pub(super) time: TimeSource,
    yields: RefCell<BTreeMap<YieldKey, Waker>>,
    next_yield: Cell<YieldKey>,
    started: Cell<bool>,
    /// Where its steps are recorded, if they are.
    lane: RefCell<Option<Lane>>,
}

/// Keeps a coroutine the innermost frame of its thread.
#[must_use = "the coroutine is exited when this is dropped"]
pub(super) struct EnteredCoroutine {
    // Dropped in this order.
    _frame: context::EnteredFrame,
    _lane: Option<timeline::LaneGuard>,
}

impl Stepper {
    pub(super) fn new() -> Self {
        Stepper {
            time: TimeSource::new(Clock::at_zero()),
            yields: RefCell::default(),
            next_yield: Cell::default(),
            started: Cell::new(false),
            lane: RefCell::default(),
        }
    }

    pub(super) fn is_started(&self) -> bool {
        self.started.get()
    }

    /// Runs the coroutine to the next point where it waits.
    pub(super) fn run<T>(self: &Rc<Self>, poll: impl FnOnce() -> Poll<T>) -> Poll<T> {
        let _entered = self.enter();
        self.record(|| EventKind::PollStarted);
        let polled = catch(poll);
        let ready = !matches!(polled, Ok(Poll::Pending));
        self.record(|| EventKind::PollEnded { ready });
        match &polled {
            Ok(Poll::Pending) => {}
            Ok(Poll::Ready(_)) => self.record(|| EventKind::Finished),
            Err(_) => self.record(|| EventKind::Panicked),
        }
        polled.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Makes the coroutine the innermost frame of this thread. In here it knows its clock, and if
    /// it is recorded its lane. If not, it stays in the lane around.
    pub(super) fn enter(self: &Rc<Self>) -> EnteredCoroutine {
        let lane = self.lane();
        EnteredCoroutine {
            _frame: context::enter(self.clone()),
            _lane: lane.map(|lane| lane.enter()),
        }
    }

    pub(super) fn record_into(self: &Rc<Self>, timeline: &Timeline, name: Label) {
        let this = Rc::downgrade(self);
        let now = move || {
            let stepper = this.upgrade();
            stepper.map_or(Duration::ZERO, |stepper| stepper.time.now())
        };
        probe::install();
        self.lane.replace(Some(Lane::new(timeline, name, now)));
    }

    /// Records an event, if a timeline is kept.
    pub(super) fn record(&self, kind: impl FnOnce() -> EventKind) {
        if let Some(lane) = self.lane() {
            lane.record(kind());
        }
    }

    /// Whether anything inside asks to let the others run first.
    pub(super) fn is_asked_to_yield(&self) -> bool {
        !self.yields.borrow().is_empty()
    }

    /// What to ask the person for.
    pub(super) fn request(&self) -> Request {
        if self.is_asked_to_yield() {
            return Request::Yield;
        }
        match self.time.first() {
            Some((due, what)) => Request::Sleep {
                duration: due.deadline.saturating_sub(self.time.now()),
                what,
            },
            None => Request::Other,
        }
    }

    /// Grants what the reply grants. The wakers are for combinators, which poll only what was
    /// woken; `polled_by` is about to be polled anyway, and is not woken.
    pub(super) fn accept(&self, reply: Reply, polled_by: &Waker) {
        let started = self.started.replace(true);
        match reply {
            Reply::Granted if started => self.grant_request(polled_by),
            Reply::Granted => {}
            Reply::Now(now) => {
                self.time.clock().advance_to(now);
                let now = self.time.now();
                while let Some(waker) = self.time.pop_due(now) {
                    wake(waker, polled_by);
                }
                while self.grant_yield(polled_by) {}
            }
        }
    }

    /// Grants what [`request`](Self::request) returns.
    fn grant_request(&self, polled_by: &Waker) {
        if self.grant_yield(polled_by) {
            return;
        }
        if let Some((due, _)) = self.time.first() {
            self.time.clock().advance_to(due.deadline);
            while let Some(waker) = self.time.pop_due(due.deadline) {
                wake(waker, polled_by);
            }
        }
    }

    /// Grants the yield that was asked for first; returns whether there is one.
    fn grant_yield(&self, polled_by: &Waker) -> bool {
        let granted = self.yields.borrow_mut().pop_first();
        let Some((_, waker)) = granted else {
            return false;
        };
        wake(waker, polled_by);
        true
    }
}

fn wake(waker: Waker, polled_by: &Waker) {
    contain(|| {
        if !waker.will_wake(polled_by) {
            waker.wake();
        }
    });
}

impl Frame for Stepper {
    fn time(&self) -> &TimeSource {
        &self.time
    }

    fn is_watched(&self) -> bool {
        true
    }

    fn lane(&self) -> Option<Lane> {
        self.lane.borrow().clone()
    }

    fn ask_to_yield(&self, waker: &Waker) -> Option<YieldKey> {
        let key = self.next_yield.get();
        self.next_yield.set(key.next());
        let waker = waker.clone();
        self.yields.borrow_mut().insert(key, waker);
        self.record(|| EventKind::Waits {
            what: Some("the others".into()),
            until: None,
        });
        Some(key)
    }

    fn is_yielding(&self, key: YieldKey) -> bool {
        self.yields.borrow().contains_key(&key)
    }

    fn withdraw_yield(&self, key: YieldKey) -> Option<Waker> {
        self.yields.borrow_mut().remove(&key)
    }
}

//! What the leaves of a coroutine wait for, as the person who steps it is told.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::task::Waker;

use super::{Reply, Request};
use crate::strangers::contain;
use crate::time::{Clock, TimeSource};

/// The list of what a coroutine waits for, and the clock that the person sets.
///
/// A wait that is on no list has been granted.
pub(crate) struct Stepper {
    pub(crate) time: TimeSource,
    yields: RefCell<BTreeMap<YieldKey, Waker>>,
    next_yield: Cell<u64>,
    started: Cell<bool>,
}

/// Which of the yields it is, in the order of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct YieldKey(u64);

impl Stepper {
    pub(super) fn new() -> Self {
        Stepper {
            time: TimeSource::new(Clock::at_zero()),
            yields: RefCell::default(),
            next_yield: Cell::new(0),
            started: Cell::new(false),
        }
    }

    pub(crate) fn ask_to_yield(&self, waker: &Waker) -> YieldKey {
        let key = YieldKey(self.next_yield.get());
        self.next_yield.set(key.0 + 1);
        let waker = waker.clone();
        self.yields.borrow_mut().insert(key, waker);
        key
    }

    pub(crate) fn is_yielding(&self, key: YieldKey) -> bool {
        self.yields.borrow().contains_key(&key)
    }

    /// Takes a yield from the list, because it was granted or is wanted no more.
    pub(crate) fn withdraw(&self, key: YieldKey) -> Option<Waker> {
        self.yields.borrow_mut().remove(&key)
    }

    /// What to ask the person for.
    pub(super) fn request(&self) -> Request {
        if !self.yields.borrow().is_empty() {
            return Request::Yield;
        }
        match self.time.first() {
            Some((key, what)) => Request::Sleep {
                duration: key.deadline.saturating_sub(self.time.now()),
                what,
            },
            None => Request::Other,
        }
    }

    /// Grants what the reply grants. The wakers are for combinators, which poll only who was woken.
    pub(super) fn accept(&self, reply: Reply) {
        let started = self.started.replace(true);
        match reply {
            Reply::Granted if started => self.grant_request(),
            Reply::Granted => {}
            Reply::Now(now) => {
                self.time.clock().advance_to(now);
                self.time.fire_due();
                while self.grant_yield() {}
            }
        }
    }

    /// Grants what [`request`](Self::request) shows.
    fn grant_request(&self) {
        if self.grant_yield() {
            return;
        }
        if let Some((key, _)) = self.time.first() {
            self.time.clock().advance_to(key.deadline);
            self.time.fire(key);
        }
    }

    /// Grants the yield that was asked for first.
    fn grant_yield(&self) -> bool {
        let granted = self.yields.borrow_mut().pop_first();
        if let Some((_, waker)) = granted {
            contain(|| waker.wake());
            return true;
        }
        false
    }
}

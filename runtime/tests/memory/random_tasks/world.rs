//! The state of a run as the test sees it, and the invariants that are checked at each step.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::task::Waker;
use std::thread::{self, ThreadId};

use forwith_runtime::JoinHandle;

use super::probe::Gift;

/// The life of a future.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Live,
    /// It gave its result or panicked.
    Over,
    Dropped,
}

/// The state of a future.
struct State {
    life: Life,
    /// The address at which it was polled.
    address: Option<usize>,
    /// The run that polls it.
    run: usize,
    /// The tick of that run since which it has been waiting for a poll.
    owed: Option<usize>,
    has_given: bool,
    /// The number of times its result was dropped.
    gone: usize,
}

/// Counts of rare events.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    pub futures: usize,
    pub polls: usize,
    pub runs: usize,
    pub aborted: usize,
    pub cancelled: usize,
    pub panicked: usize,
    pub fetched: usize,
    pub from_elsewhere: usize,
    pub forgotten: usize,
}

pub struct World {
    random: Cell<u64>,
    thread: ThreadId,
    futures: RefCell<Vec<State>>,
    pub wrong: RefCell<Vec<String>>,
    /// Handles with the numbers of their futures, for any use.
    pub handles: RefCell<Vec<(usize, JoinHandle<Gift>)>>,
    /// Wakers with the numbers of their futures, for any use.
    pub wakers: RefCell<Vec<(usize, Waker)>>,
    /// The number of further actions, and the depth of nested actions.
    pub budget: Cell<usize>,
    pub depth: Cell<usize>,
    /// The current runs, innermost last, and how often the main future of each was polled.
    pub runs: RefCell<Vec<usize>>,
    ticks: RefCell<BTreeMap<usize, usize>>,
    pub seen: Cell<Seen>,
}

impl World {
    pub fn new(seed: u64) -> Self {
        World {
            random: Cell::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
            thread: thread::current().id(),
            futures: RefCell::default(),
            wrong: RefCell::default(),
            handles: RefCell::default(),
            wakers: RefCell::default(),
            budget: Cell::new(300),
            depth: Cell::new(0),
            runs: RefCell::default(),
            ticks: RefCell::default(),
            seen: Cell::default(),
        }
    }

    /// Xorshift.
    pub fn below(&self, bound: usize) -> usize {
        let mut x = self.random.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.random.set(x);
        usize::try_from(x >> 33).unwrap() % bound
    }

    /// Removes a random element.
    pub fn any<T>(&self, all: &RefCell<Vec<T>>) -> Option<T> {
        let count = all.borrow().len();
        (count > 0).then(|| all.borrow_mut().swap_remove(self.below(count)))
    }

    /// Takes one from the budget of actions, if any remains.
    pub fn spend(&self) -> bool {
        let left = self.budget.get();
        self.budget.set(left.saturating_sub(1));
        left > 0
    }

    pub fn count(&self, count: impl FnOnce(&mut Seen)) {
        let mut seen = self.seen.get();
        count(&mut seen);
        self.seen.set(seen);
    }

    // ---- what holds ----

    pub fn expect(&self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.wrong.borrow_mut().push(what());
        }
    }

    fn is_here(&self, id: usize) {
        self.expect(thread::current().id() == self.thread, || {
            format!("{id} is on another thread")
        });
    }

    /// Registers a new future, and gives its number.
    pub fn begins(&self) -> usize {
        self.count(|seen| seen.futures += 1);
        let mut futures = self.futures.borrow_mut();
        futures.push(State {
            life: Life::Live,
            address: None,
            run: usize::MAX,
            owed: None,
            has_given: false,
            gone: 0,
        });
        futures.len() - 1
    }

    /// The number of the newest future.
    pub fn last(&self) -> usize {
        self.futures.borrow().len() - 1
    }

    pub fn is_polled(&self, id: usize, address: usize) {
        self.count(|seen| seen.polls += 1);
        self.is_here(id);
        let run = *self.runs.borrow().last().expect("it is polled in a run");
        let mut futures = self.futures.borrow_mut();
        let state = &mut futures[id];
        let known = state.address.replace(address);
        state.run = run;
        state.owed = None;
        let life = state.life;
        drop(futures);
        self.expect(life == Life::Live, || {
            format!("{id} is polled, and {life:?}")
        });
        self.expect(known.is_none_or(|known| known == address), || {
            format!("{id} has moved")
        });
    }

    pub fn is_over(&self, id: usize, has_given: bool) {
        let state = &mut self.futures.borrow_mut()[id];
        state.life = Life::Over;
        state.has_given = has_given;
    }

    pub fn is_dropped(&self, id: usize, address: usize) {
        self.is_here(id);
        let mut futures = self.futures.borrow_mut();
        let state = &mut futures[id];
        let before = std::mem::replace(&mut state.life, Life::Dropped);
        let known = state.address;
        drop(futures);
        self.expect(before != Life::Dropped, || format!("{id} is dropped twice"));
        self.expect(known.is_none_or(|known| known == address), || {
            format!("{id} has moved to be dropped")
        });
    }

    pub fn result_is_dropped(&self, id: usize) {
        self.is_here(id);
        self.futures.borrow_mut()[id].gone += 1;
    }

    /// Records that a future is woken on this thread.
    pub fn is_woken(&self, id: usize) {
        let state = &mut self.futures.borrow_mut()[id];
        if state.life == Life::Live {
            let tick = self.ticks.borrow().get(&state.run).copied();
            state.owed = state.owed.or(tick);
        }
    }

    /// The main future of a run is polled again, so all futures woken before have been polled.
    pub fn tick(&self, run: usize) {
        let mut ticks = self.ticks.borrow_mut();
        let tick = ticks.entry(run).or_default();
        *tick += 1;
        for (id, state) in self.futures.borrow().iter().enumerate() {
            let late = state.owed.is_some_and(|owed| owed + 1 < *tick);
            self.expect(
                !late || state.run != run || state.life != Life::Live,
                || format!("{id} was woken, and not polled"),
            );
        }
    }

    /// Records that the result of a future was fetched.
    pub fn is_fetched(&self, id: usize, gift: &Gift) {
        self.count(|seen| seen.fetched += 1);
        self.expect(gift.id == id, || {
            format!("{id} has given what is {}'s", gift.id)
        });
    }

    /// The run has ended, so all futures have been dropped.
    pub fn over(&self) {
        for (id, state) in self.futures.borrow().iter().enumerate() {
            self.expect(state.life == Life::Dropped, || {
                format!("{id} is still {:?}", state.life)
            });
        }
    }

    /// All handles are dropped, so every result was dropped once, unless some were forgotten.
    pub fn all_is_gone(&self) {
        let forgotten = self.seen.get().forgotten > 0;
        for (id, state) in self.futures.borrow().iter().enumerate() {
            let right =
                state.gone == usize::from(state.has_given) || (forgotten && state.gone == 0);
            self.expect(right, || {
                format!("the result of {id} went {} times", state.gone)
            });
        }
    }
}

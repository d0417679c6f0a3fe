//! A place through which a future gives items, one at a time, to the one that polls it.

use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::sync::{Arc, PoisonError};
use std::vec::Vec;

use super::sync::{Mutex, MutexGuard};

/// A place for one item. It is empty unless an item has been asked for.
pub(crate) struct Slot<T>(Mutex<State<T>>);

struct State<T> {
    item: Option<T>,
    /// Whether an item has been asked for and is not there yet.
    is_asked: bool,
    /// How often an item has been asked for.
    asks: u64,
    /// Those that wait until an item is asked for.
    givers: Vec<Waker>,
    /// Waits for the item. It is woken by a giver that is polled elsewhere.
    taker: Option<Waker>,
    /// Whether the taker is at it: it polls the givers, and looks into the slot behind that.
    is_taking: bool,
    /// Whether a giver has been polled while the taker was not at it. It may have the waker of the
    /// taker nevertheless: that of one task, which polls both.
    has_givers_elsewhere: bool,
}

impl<T> Slot<T> {
    pub(crate) fn new() -> Self {
        Slot(Mutex::new(State {
            item: None,
            is_asked: false,
            asks: 0,
            givers: Vec::new(),
            taker: None,
            is_taking: false,
            has_givers_elsewhere: false,
        }))
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for the next item, before the giver is polled with this waker. A giver that has another
    /// one, from a combinator that polls only what is woken, is woken; and so are all when one of
    /// them is polled elsewhere.
    pub(crate) fn ask(&self, waker: &Waker) {
        let mut state = self.state();
        state.is_taking = true;
        if state.is_asked || state.item.is_some() {
            return;
        }
        state.is_asked = true;
        state.asks += 1;
        let wakes_all = state.has_givers_elsewhere;
        if !wakes_all && state.givers.iter().all(|giver| giver.will_wake(waker)) {
            return; // they stay for the next time
        }
        let givers = mem::take(&mut state.givers);
        drop(state);
        for giver in givers {
            if wakes_all || !giver.will_wake(waker) {
                giver.wake();
            }
        }
    }

    /// Takes the item, if the giver has given it. Otherwise this waker is woken by one that is
    /// polled elsewhere.
    pub(crate) fn poll_take(&self, waker: &Waker) -> Poll<T> {
        let mut state = self.state();
        if let Some(item) = state.item.take() {
            state.is_taking = false;
            return Poll::Ready(item);
        }
        let is_known = |known: &Waker| known.will_wake(waker);
        if state.taker.as_ref().is_some_and(is_known) {
            state.is_taking = false;
            return Poll::Pending;
        }
        // Cloning and dropping a waker run the user's code.
        drop(state);
        let waker = waker.clone();
        let mut state = self.state();
        let before = state.taker.replace(waker);
        let item = state.item.take();
        state.is_taking = false;
        drop(state);
        drop(before);
        item.map_or(Poll::Pending, Poll::Ready)
    }

    /// Takes the item, if one has been given.
    pub(crate) fn take(&self) -> Option<T> {
        let mut state = self.state();
        let item = state.item.take();
        state.is_taking &= item.is_none();
        item
    }

    /// Lets the taker go, which takes nothing any more. A giver may be kept elsewhere for long.
    pub(crate) fn end(&self) {
        let taker = self.state().taker.take();
        drop(taker);
    }

    /// Gives an item.
    pub(crate) fn give(self: &Arc<Self>, item: T) -> Giving<T> {
        Giving {
            slot: self.clone(),
            stage: Stage::Waits(item),
        }
    }
}

/// Gives one item. Ready when the next one is asked for.
pub(crate) struct Giving<T> {
    slot: Arc<Slot<T>>,
    stage: Stage<T>,
}

enum Stage<T> {
    /// Nothing has been asked for so far.
    Waits(T),
    /// The item was laid into the slot, after so many times of asking.
    Given(u64),
    Ended,
}

// The item is never pinned.
impl<T> Unpin for Giving<T> {}

impl<T> Stage<T> {
    /// Lays the item into the slot if one is asked for. Ready when it has been taken, and the next
    /// one is asked for.
    fn advance(&mut self, state: &mut State<T>) -> Poll<()> {
        *self = match mem::replace(self, Stage::Ended) {
            Stage::Waits(item) if state.is_asked => {
                state.is_asked = false;
                state.item = Some(item);
                Stage::Given(state.asks)
            }
            Stage::Given(asks) if state.asks != asks => return Poll::Ready(()),
            Stage::Ended => panic!("an item is given once"),
            waits => waits,
        };
        Poll::Pending
    }
}

impl<T> Future for Giving<T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Giving { slot, stage } = &mut *self;
        let has_waited = matches!(stage, Stage::Waits(_));
        let mut state = slot.state();
        state.has_givers_elsewhere |= !state.is_taking;
        if stage.advance(&mut state).is_ready() {
            return Poll::Ready(());
        }
        let is_known = |known: &Waker| known.will_wake(cx.waker());
        if !state.givers.iter().any(is_known) {
            // Cloning a waker runs the user's code.
            drop(state);
            let waker = cx.waker().clone();
            state = slot.state();
            state.givers.push(waker);
            if stage.advance(&mut state).is_ready() {
                return Poll::Ready(()); // another thread has asked meanwhile
            }
        }
        let has_given = has_waited && matches!(stage, Stage::Given(_));
        let wakes = has_given && !state.is_taking;
        let taker = if wakes { state.taker.take() } else { None };
        drop(state);
        if let Some(taker) = taker {
            taker.wake();
        }
        Poll::Pending
    }
}

impl<T> Drop for Giving<T> {
    fn drop(&mut self) {
        let Stage::Given(asks) = self.stage else {
            return;
        };
        let mut state = self.slot.state();
        if state.asks == asks {
            // Dropped before it was taken: nothing has been given.
            let item = state.item.take();
            let mut givers = Vec::new();
            if item.is_some() {
                state.is_asked = true;
                givers = mem::take(&mut state.givers);
            }
            drop(state);
            // Those that have waited for their turn may have been polled already.
            for giver in givers {
                giver.wake();
            }
            drop(item);
        }
    }
}

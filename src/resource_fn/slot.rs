//! Where a function and its resource pass the value to each other.

use core::mem;
use core::task::{Poll, Waker};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::protocol::OwnedOutcome;

/// The value on its way to the body and back.
///
/// Values and wakers are the user's code. So they are cloned and dropped outside of the lock.
pub(super) struct Slot<T>(Mutex<State<T>>);

/// Where the value is. It goes through these in order.
enum State<T> {
    /// With the function. The waker is that of the enter, which waits.
    Awaited(Option<Waker>),
    /// Handed out, and not yet with the body. The waker is that of the hand-out, as in the next.
    Out(T, Waker),
    /// With the body.
    Lent(Waker),
    /// Given back.
    Back(T, OwnedOutcome),
    /// The function has got it back, or its hand-out was dropped.
    Ended,
}

/// What refers to a slot, for an enter.
pub(super) trait EnterSlot {
    /// Lets the waker of the enter go. A stage may be kept elsewhere for long.
    fn let_enter_go(&self);
}

impl<T> EnterSlot for Arc<Slot<T>> {
    fn let_enter_go(&self) {
        drop(self.begin_poll());
    }
}

impl<T> EnterSlot for &Slot<T> {
    fn let_enter_go(&self) {
        drop(self.begin_poll());
    }
}

impl<T> Slot<T> {
    pub(super) const fn new() -> Self {
        Slot(Mutex::new(State::Awaited(None)))
    }

    /// Makes it a new one.
    pub(super) fn reset(&mut self) {
        *self = Slot::new();
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn replace(&self, state: State<T>) -> State<T> {
        mem::replace(&mut *self.lock(), state)
    }

    /// Takes the waker of the enter, which polls the function next and looks here behind that. A
    /// waker does not tell that apart: one task may poll the function, and the hand-out elsewhere.
    pub(super) fn begin_poll(&self) -> Option<Waker> {
        match &mut *self.lock() {
            State::Awaited(known) => known.take(),
            _ => None,
        }
    }

    /// Hands the value out. The enter is woken, unless it is what polls the hand-out.
    pub(super) fn hand_out(&self, value: T, waker: &Waker) {
        let before = self.replace(State::Out(value, waker.clone()));
        if let State::Awaited(Some(enter)) = before {
            enter.wake();
        }
    }

    /// Whether the value has been given back, and the hand-out has not been polled since.
    pub(super) fn is_back(&self) -> bool {
        matches!(*self.lock(), State::Back(..))
    }

    /// Gives what was handed out to the body. Until then the enter waits with this waker,
    /// which may be there already, as `before`.
    pub(super) fn poll_out(&self, before: Option<Waker>, waker: &Waker) -> Poll<T> {
        let mut state = self.lock();
        match mem::replace(&mut *state, State::Ended) {
            State::Out(value, hand_out) => {
                *state = State::Lent(hand_out);
                Poll::Ready(value)
            }
            State::Awaited(known) => {
                *state = State::Awaited(known);
                drop(state);
                let before = before.filter(|before| before.will_wake(waker));
                self.set_enter_waker(before.unwrap_or_else(|| waker.clone()));
                Poll::Pending
            }
            other => {
                *state = other;
                Poll::Pending
            }
        }
    }

    /// Keeps the waker of the enter. If the value has come meanwhile, that is woken.
    fn set_enter_waker(&self, waker: Waker) {
        let mut state = self.lock();
        if let State::Awaited(known) = &mut *state {
            let before = known.replace(waker);
            drop(state);
            drop(before);
        } else {
            drop(state);
            waker.wake();
        }
    }

    /// Gives the value back to the function. Gives the waker of the hand-out that waits for it, or
    /// drops the value where there is none any more.
    pub(super) fn give_back(&self, value: T, outcome: OwnedOutcome) -> Option<Waker> {
        let mut state = self.lock();
        match mem::replace(&mut *state, State::Ended) {
            State::Lent(waker) => {
                *state = State::Back(value, outcome);
                Some(waker)
            }
            other => {
                *state = other;
                drop(state);
                drop(value);
                None
            }
        }
    }

    /// Gives the function what has come back. Until then the hand-out waits with this waker.
    pub(super) fn poll_back(&self, waker: &Waker) -> Poll<(T, OwnedOutcome)> {
        let mut state = self.lock();
        match mem::replace(&mut *state, State::Ended) {
            State::Back(value, outcome) => return Poll::Ready((value, outcome)),
            State::Ended => {
                drop(state);
                panic!("a hand-out was polled after its end");
            }
            other => *state = other,
        }
        if let State::Out(_, known) | State::Lent(known) = &*state {
            if !known.will_wake(waker) {
                drop(state);
                return self.set_hand_out_waker(waker.clone());
            }
        }
        Poll::Pending
    }

    /// Keeps the waker of the hand-out, unless the value has come back meanwhile.
    fn set_hand_out_waker(&self, mut waker: Waker) -> Poll<(T, OwnedOutcome)> {
        let mut state = self.lock();
        if let State::Out(_, known) | State::Lent(known) = &mut *state {
            mem::swap(known, &mut waker);
            drop(state);
            return Poll::Pending;
        }
        drop(state);
        self.poll_back(&waker)
    }

    /// Ends the hand-out. Drops a value that is here.
    pub(super) fn end(&self) {
        let before = self.replace(State::Ended);
        drop(before);
    }
}

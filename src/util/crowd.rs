//! Several futures that one future polls.

use core::ops::ControlFlow;
use core::task::{Context, Poll, Waker};
use std::sync::{Arc, PoisonError};
use std::task::Wake;
use std::vec::Vec;

use super::sync::{Mutex, MutexGuard};

/// Up to so many, each is polled whenever one of them is woken, and needs no waker of its own. Of
/// more, when so many have woken themselves in one turn, the others wait for the next one: a budget
/// of the executor may be used up, and each of them would only wake itself, too.
pub(crate) const FEW: usize = if cfg!(all(test, forwith_loom)) { 1 } else { 30 };

/// Futures, or what has a future each, that are polled together.
///
/// Of more than 30, only those are polled that have been woken.
pub(crate) struct Crowd<T> {
    futures: Vec<T>,
    /// Only where they are many.
    woken: Option<Woken>,
}

impl<T> Crowd<T> {
    pub(crate) fn new(futures: Vec<T>) -> Self {
        Crowd {
            woken: (futures.len() > FEW).then(|| Woken::new(futures.len())),
            futures,
        }
    }

    pub(crate) fn into_iter(self) -> impl Iterator<Item = T> {
        self.futures.into_iter()
    }

    pub(crate) fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut T> {
        self.futures.iter_mut()
    }

    /// Polls them. Ready when all are.
    ///
    /// `poll` is `Ready` once more for one that has ended before. It breaks when one has ended, and
    /// no other one is to be polled this time.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        mut poll: impl FnMut(&mut T, &mut Context<'_>) -> ControlFlow<(), Poll<()>>,
    ) -> Poll<()> {
        if let Some(woken) = &mut self.woken {
            return woken.poll(&mut self.futures, cx, poll);
        }
        let mut ended = Poll::Ready(());
        for future in &mut self.futures {
            match poll(future, cx) {
                ControlFlow::Continue(Poll::Ready(())) => {}
                ControlFlow::Continue(Poll::Pending) => ended = Poll::Pending,
                ControlFlow::Break(()) => return Poll::Pending,
            }
        }
        ended
    }
}

impl<T> FromIterator<T> for Crowd<T> {
    fn from_iter<I: IntoIterator<Item = T>>(futures: I) -> Self {
        Crowd::new(futures.into_iter().collect())
    }
}

/// Which of many futures have been woken.
pub(crate) struct Woken {
    shared: Arc<Shared>,
    /// One for each future. It is dropped when the future has ended.
    wakers: Vec<Option<Waker>>,
    running: usize,
}

struct Shared(Mutex<State>);

struct State {
    /// The futures to poll next, each once.
    next: Vec<usize>,
    is_next: Vec<bool>,
    /// Wakes the task that polls them.
    task: Option<Waker>,
}

/// The waker of one future.
struct Part {
    number: usize,
    shared: Arc<Shared>,
}

impl Woken {
    pub(crate) fn new(len: usize) -> Self {
        let shared = Arc::new(Shared(Mutex::new(State {
            next: (0..len).collect(),
            is_next: std::vec![true; len],
            task: None,
        })));
        let waker = |number| {
            let shared = shared.clone();
            Some(Waker::from(Arc::new(Part { number, shared })))
        };
        Woken {
            wakers: (0..len).map(waker).collect(),
            running: len,
            shared,
        }
    }

    fn poll<T>(
        &mut self,
        futures: &mut [T],
        cx: &Context<'_>,
        mut poll: impl FnMut(&mut T, &mut Context<'_>) -> ControlFlow<(), Poll<()>>,
    ) -> Poll<()> {
        self.shared.set_task(cx.waker());
        let mut next = self.shared.take_next().into_iter();
        let mut yields = 0;
        while let Some(number) = next.next() {
            let Some(waker) = &self.wakers[number] else {
                continue; // it was woken once more behind its end
            };
            self.shared.lock().is_next[number] = false;
            let polled = poll(&mut futures[number], &mut Context::from_waker(waker));
            if polled != ControlFlow::Continue(Poll::Pending) {
                self.wakers[number] = None;
                self.running -= 1;
            }
            let mut state = self.shared.lock();
            yields += usize::from(state.is_next[number]);
            if polled.is_break() || yields > FEW {
                // The others are polled first the next time.
                let woken = core::mem::take(&mut state.next);
                state.next = next.chain(woken).collect();
                drop(state);
                if polled.is_continue() {
                    cx.waker().wake_by_ref();
                }
                return Poll::Pending;
            }
        }
        if self.running == 0 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

/// Streams, of which each has a number.
impl Woken {
    /// Polls those that have been woken, until one of them gives an item. That one is polled again
    /// behind the others. Ready without an item when all have ended.
    pub(crate) fn poll_next<T>(
        &mut self,
        cx: &Context<'_>,
        mut poll: impl FnMut(usize, &mut Context<'_>) -> Poll<Option<T>>,
    ) -> Poll<Option<T>> {
        self.shared.set_task(cx.waker());
        let mut turn = Turn {
            next: self.shared.take_next().into_iter(),
            shared: &self.shared,
        };
        let mut yields = 0;
        for number in turn.next.by_ref() {
            let Some(waker) = &self.wakers[number] else {
                continue; // it was woken once more behind its end
            };
            self.shared.lock().is_next[number] = false;
            match poll(number, &mut Context::from_waker(waker)) {
                Poll::Ready(None) => {
                    self.wakers[number] = None;
                    self.running -= 1;
                }
                Poll::Ready(item) => {
                    self.shared.lock().add(number);
                    return Poll::Ready(item);
                }
                Poll::Pending => {
                    yields += usize::from(self.shared.lock().is_next[number]);
                    if yields > FEW {
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                }
            }
        }
        if self.running == 0 {
            Poll::Ready(None)
        } else {
            Poll::Pending
        }
    }

    /// Lets all be polled the next time.
    pub(crate) fn set_all(&mut self) {
        let mut state = self.shared.lock();
        for (number, waker) in self.wakers.iter().enumerate() {
            if waker.is_some() {
                state.add(number);
            }
        }
    }
}

/// Those that are polled in one turn. The others are polled first the next time, also behind a
/// panic.
struct Turn<'a> {
    next: std::vec::IntoIter<usize>,
    shared: &'a Shared,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.next.len() > 0 {
            let mut state = self.shared.lock();
            let woken = core::mem::take(&mut state.next);
            state.next = self.next.by_ref().chain(woken).collect();
        }
    }
}

impl State {
    /// Lets a future be polled the next time. Returns whether it would not have been.
    fn add(&mut self, number: usize) -> bool {
        let is_new = !core::mem::replace(&mut self.is_next[number], true);
        if is_new {
            self.next.push(number);
        }
        is_new
    }
}

impl Drop for Woken {
    fn drop(&mut self) {
        // The wakers may be kept elsewhere for long.
        let task = self.shared.lock().task.take();
        drop(task);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_next(&self) -> Vec<usize> {
        core::mem::take(&mut self.lock().next)
    }

    fn set_task(&self, waker: &Waker) {
        let is_known = |known: &Waker| known.will_wake(waker);
        if !self.lock().task.as_ref().is_some_and(is_known) {
            // Cloning and dropping a waker run the user's code.
            let waker = waker.clone();
            let before = self.lock().task.replace(waker);
            drop(before);
        }
    }
}

impl Wake for Part {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut state = self.shared.lock();
        if !state.add(self.number) {
            return;
        }
        // Cloning it would run the user's code under the lock. The next poll sets it anew.
        let task = state.task.take();
        drop(state);
        if let Some(task) = task {
            task.wake();
        }
    }
}

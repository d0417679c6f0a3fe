//! The bodies that run, and what has decided how the loop ends.

use core::future::Future;
use core::mem;
use core::task::{Context, Poll, Waker};
use std::boxed::Box;

use super::collect::Collect;
use super::places::{Occupied, Places, Running};
use super::ways::Ways;
use crate::cancel::{KeptPanic, Turn, keep_panic};
use crate::util::panic::{self, Payload};
use crate::util::way::Way;

/// How a loop ends: by the way that a body has taken, or by a panic. A panic is rare, so it takes
/// no more than a pointer.
type End<R> = Result<Way<R>, Box<KeptPanic>>;

/// No body is being polled.
const NONE: usize = usize::MAX;

/// The bodies that run, and what has decided how the loop ends.
pub(super) struct Bodies<'d, F: Future, C: Collect> {
    places: Places<F, C::Item>,
    /// The number of those that run.
    running: usize,
    ways: &'d Ways,
    collect: C,
    /// The place of the body that is being polled or dropped, in a turn that may panic.
    row: usize,
    place: usize,
    phase: Phase,
    /// `None` as long as nothing but the end of the items ends the loop.
    end: Option<End<F::Output>>,
}

/// How far the loop has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing ends it so far.
    Open,
    /// A body has ended it, and the others are still to be stopped.
    Decided,
    /// The bodies have been stopped, for this reason or by the region around.
    Stopped,
}

impl<'d, F: Future, C: Collect> Bodies<'d, F, C> {
    #[inline]
    pub(super) fn new(collect: C, ways: &'d Ways) -> Self {
        Bodies {
            places: Places::new(),
            running: 0,
            ways,
            collect,
            row: 0,
            place: NONE,
            phase: Phase::Open,
            end: None,
        }
    }

    /// The number of bodies that run.
    #[inline]
    pub(super) fn running(&self) -> usize {
        self.running
    }

    /// Whether nothing ends the loop so far.
    #[inline]
    pub(super) fn are_open(&self) -> bool {
        self.phase == Phase::Open
    }

    /// Whether one of them has ended the loop, and the others are still to be stopped.
    #[inline]
    pub(super) fn are_to_stop(&self) -> bool {
        self.phase == Phase::Decided
    }

    #[inline]
    pub(super) fn are_stopped(&self) -> bool {
        self.phase == Phase::Stopped
    }

    /// Takes those that have been woken since the last time, for [`poll_taken`](Bodies::poll_taken).
    #[inline]
    pub(super) fn take_woken(&mut self) {
        self.places.begin_turn();
    }

    /// Polls those that have been taken, until one of them ends the loop.
    ///
    /// # Panics
    ///
    /// When a body does. Then [`end_by_panic`](Bodies::end_by_panic) follows.
    #[inline]
    pub(super) fn poll_taken(&mut self, turn: &mut Turn<'_>) {
        let ways = self.ways;
        while let Some(mut woken) = self.places.next_woken() {
            let was_full = woken.row().is_full();
            self.row = woken.row().number();
            let mut ended = 0;
            while let Some(mut body) = woken.next() {
                self.place = body.place();
                match poll_once(body.running(), ways, turn) {
                    Polled::Runs => {}
                    Polled::Ended => {
                        ended += 1;
                        end_body(body, &mut self.collect);
                    }
                    Polled::Leaves(way) => return self.leave(way),
                }
            }
            if ended != 0 {
                self.running -= ended;
                if was_full {
                    self.places.set_room(self.row);
                }
            }
        }
    }

    /// Begins the bodies that `next` gives, as long as there are fewer than `limit` and none of
    /// them ends the loop.
    ///
    /// # Panics
    ///
    /// When a body does, or `next`. Then [`end_by_panic`](Bodies::end_by_panic) follows.
    #[inline]
    pub(super) fn begin(
        &mut self,
        limit: usize,
        turn: &mut Turn<'_>,
        mut next: impl FnMut(&mut Turn<'_>) -> Option<F>,
    ) {
        let ways = self.ways;
        while self.running < limit {
            let Some(mut places) = self.places.vacant(limit) else {
                return;
            };
            self.row = places.row().number();
            while let Some(vacant) = places.next() {
                let marked = OnUnwind(&mut self.place);
                let Some(body) = next(turn) else { return };
                mem::forget(marked);
                let place = vacant.place();
                self.place = place;
                self.running += 1;
                let item = self.collect.begin();
                let (vacant, branch, waker) = vacant.into_parts();
                let polled = turn.poll(branch, &waker, || {
                    let body = vacant.put(body, item);
                    body.poll(&mut Context::from_waker(&waker))
                });
                match what_became(polled, ways) {
                    Polled::Runs => {}
                    Polled::Ended => {
                        self.running -= 1;
                        end_body(places.occupied(place), &mut self.collect);
                        break; // its place is the first empty one again
                    }
                    Polled::Leaves(way) => return self.leave(way),
                }
            }
        }
    }

    /// Ends the loop by a body that leaves it, the one that was polled last.
    #[inline(never)]
    fn leave(&mut self, way: Way<F::Output>) {
        self.phase = Phase::Decided;
        self.end = Some(Ok(way));
        self.drop_body(self.row, self.place);
    }

    /// Ends the loop by a panic: of a body that was polled or dropped, or of what gives the items.
    #[cold]
    #[inline(never)]
    pub(super) fn end_by_panic(&mut self, payload: Payload, turn: &mut Turn<'_>) {
        let place = mem::replace(&mut self.place, NONE);
        if place == NONE {
            return self.end_by_panic_of_items(payload);
        }
        let row = &mut self.places.rows[self.row];
        turn.recover(row.branch(place));
        let runs = row.runs(place);
        self.keep_panic_of_body(payload);
        if runs {
            self.drop_body(self.row, place);
        }
    }

    /// Ends the loop by a panic of what gives the items.
    #[cold]
    #[inline(never)]
    pub(super) fn end_by_panic_of_items(&mut self, payload: Payload) {
        self.keep(keep_panic("what a concurrent loop goes over", payload));
    }

    fn keep_panic_of_body(&mut self, payload: Payload) {
        self.keep(keep_panic("the body of a concurrent loop", payload));
    }

    /// Keeps the first panic, in place of a way. A second one is reported when it is dropped.
    fn keep(&mut self, panic: KeptPanic) {
        if self.phase == Phase::Open {
            self.phase = Phase::Decided;
        }
        if let Some(Err(_)) = &self.end {
            return drop(panic);
        }
        let way = self.end.replace(Err(Box::new(panic)));
        panic::contain(|| drop(way));
    }

    /// Drops a body in a loop that ends. Its destructor may panic.
    fn drop_body(&mut self, row: usize, place: usize) {
        self.running -= 1;
        let body = self.places.rows[row].occupied(place);
        let dropped = Turn::outside(|| {
            panic::catch(|| {
                body.drop_body();
            })
        });
        if let Err(payload) = dropped {
            self.keep_panic_of_body(payload);
        }
    }

    /// Stops the bodies, if that has not happened yet. Those in which nothing has been entered are
    /// dropped. The others are cancelled and polled.
    #[cold]
    #[inline(never)]
    pub(super) fn stop(&mut self, turn: &mut Turn<'_>) {
        if mem::replace(&mut self.phase, Phase::Stopped) == Phase::Stopped {
            return;
        }
        turn.stop();
        // A turn that has not come to its end has not counted those that ended in it.
        self.running = self.places.count_running();
        // Also of a turn that has not come to its end: a body that counts as woken already would
        // not be woken by what it waits for from here on.
        self.places.forget_woken();
        for (row, place) in self.places.all_running() {
            if !self.places.rows[row].branch(place).cancel() {
                self.drop_body(row, place);
            }
        }
        for (row, place) in self.places.all_running() {
            self.poll_cancelled(row, place, turn);
        }
    }

    /// Polls those that have been woken, or stops them all, in a loop that is stopped.
    #[cold]
    #[inline(never)]
    pub(super) fn poll_stopped(&mut self, turn: &mut Turn<'_>) {
        if !self.are_stopped() {
            return self.stop(turn);
        }
        while let Some(woken) = self.places.next_woken() {
            let (row, places) = woken.numbers();
            for place in places {
                self.poll_cancelled(row, place, turn);
            }
        }
    }

    /// Polls a body once that has been cancelled, and drops it when its exits have ended.
    fn poll_cancelled(&mut self, row: usize, place: usize, turn: &mut Turn<'_>) {
        let mut occupied = self.places.rows[row].occupied(place);
        let Running {
            body,
            branch,
            waker,
        } = occupied.running();
        if branch.poll_vacated(&waker).is_ready() {
            return self.end_cancelled(row, place);
        }
        let polled = turn.poll(branch, &waker, || {
            panic::catch(|| body.poll(&mut Context::from_waker(&waker)))
        });
        match polled {
            Ok(Poll::Pending) => {
                let has_departed = self.ways.take().is_some();
                if !has_departed && branch.poll_vacated(&waker).is_pending() {
                    return;
                }
            }
            // It comes too late, and so does a panic of its destructor.
            Ok(Poll::Ready(value)) => panic::contain(|| Turn::outside(|| drop(value))),
            Err(payload) => self.keep_panic_of_body(payload),
        }
        self.end_cancelled(row, place);
    }

    /// Drops a body that was cancelled, behind its exits.
    fn end_cancelled(&mut self, row: usize, place: usize) {
        if let Some(panic) = self.places.rows[row].branch(place).take_panic() {
            self.keep(panic);
        }
        self.drop_body(row, place);
    }

    /// Ends a turn. Returns whether a body has been woken meanwhile.
    #[inline]
    pub(super) fn end_turn(&mut self, task: &Waker) -> bool {
        self.places.woken.end_turn(task)
    }

    /// What has decided how the loop ends.
    pub(super) fn take_end(&mut self) -> Option<End<F::Output>> {
        self.end.take()
    }

    #[inline]
    pub(super) fn into_values(self) -> C::Values {
        self.collect.into_values()
    }
}

/// What has become of a body.
enum Polled<R> {
    /// It waits.
    Runs,
    /// It has ended.
    Ended,
    /// It leaves the loop.
    Leaves(Way<R>),
}

/// Polls a body once, in a loop that has not been stopped.
#[expect(
    clippy::inline_always,
    reason = "it is short, but for a body that is a function of its own"
)]
#[inline(always)]
fn poll_once<F: Future>(
    running: Running<'_, F>,
    ways: &Ways,
    turn: &mut Turn<'_>,
) -> Polled<F::Output> {
    let Running {
        body,
        branch,
        waker,
    } = running;
    let polled = turn.poll(branch, &waker, || {
        body.poll(&mut Context::from_waker(&waker))
    });
    what_became(polled, ways)
}

/// What has become of a body that was polled.
#[inline]
fn what_became<R>(polled: Poll<R>, ways: &Ways) -> Polled<R> {
    match polled {
        Poll::Pending => match ways.take() {
            None => Polled::Runs,
            Some(0) => Polled::Ended,
            Some(way) => Polled::Leaves(Way::Jump(way)),
        },
        Poll::Ready(value) => Polled::Leaves(Way::Return(value)),
    }
}

/// Drops a body that has ended. The next one may take its place.
#[inline]
fn end_body<F, C: Collect>(body: Occupied<'_, F, C::Item>, collect: &mut C) {
    let (branch, item) = if mem::needs_drop::<F>() {
        Turn::outside(|| body.drop_body())
    } else {
        body.drop_body()
    };
    branch.reset();
    collect.keep(item);
}

/// Notes, where what gives the items panics, that no body is being polled.
struct OnUnwind<'a>(&'a mut usize);

impl Drop for OnUnwind<'_> {
    fn drop(&mut self) {
        *self.0 = NONE;
    }
}

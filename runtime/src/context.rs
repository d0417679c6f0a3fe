//! What runs on this thread: executors and hand-stepped coroutines, nested in one another.
//!
//! The innermost frame is the one that a [`sleep`](crate::sleep) asks for time. The outer ones stay
//! reachable, so that waking one of their tasks needs no detour.

use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::num::NonZeroU64;
use std::ptr::NonNull;
use std::rc::Rc;

use crate::by_hand::Stepper;
use crate::executor::{Arena, Core};
use crate::time::TimeSource;
use crate::timeline::{self, EventKind, Lane};

/// Something that polls futures on this thread right now.
#[derive(Clone)]
pub(crate) enum Frame {
    Executor(Rc<Core>),
    Coroutine(Rc<Stepper>),
}

impl Frame {
    #[inline]
    pub(crate) fn time(&self) -> &TimeSource {
        match self {
            Frame::Executor(core) => &core.time,
            Frame::Coroutine(stepper) => &stepper.time,
        }
    }

    /// Records an event of what runs in it, if a timeline is kept.
    #[inline]
    pub(crate) fn record(&self, kind: impl FnOnce() -> EventKind) {
        if self.is_recorded() {
            self.record_now(kind);
        }
    }

    #[cold]
    fn record_now(&self, kind: impl FnOnce() -> EventKind) {
        match self {
            Frame::Executor(core) => core.record_current(kind),
            Frame::Coroutine(stepper) => stepper.record(kind),
        }
    }

    /// Whether a timeline is kept of it.
    #[inline]
    fn is_recorded(&self) -> bool {
        match self {
            Frame::Executor(core) => core.is_recorded(),
            Frame::Coroutine(stepper) => stepper.is_recorded(),
        }
    }

    /// Enters its lane of a timeline. An executor that is not recorded hides the lane around; a coroutine that is not stays in it.
    fn enter_lane(&self) -> Option<timeline::Entered> {
        match self {
            Frame::Executor(core) => Some(core.lane().map_or_else(timeline::hide, Lane::enter)),
            Frame::Coroutine(stepper) => stepper.lane().map(|lane| lane.enter()),
        }
    }

    /// What is to be [`current`] in it.
    fn quick(&self) -> Option<&Rc<Core>> {
        self.as_executor().filter(|core| !core.is_recorded())
    }

    fn arena(&self) -> Option<NonNull<Arena>> {
        self.as_executor().map(|core| core.arena())
    }

    fn as_executor(&self) -> Option<&Rc<Core>> {
        match self {
            Frame::Executor(core) => Some(core),
            Frame::Coroutine(_) => None,
        }
    }
}

thread_local! {
    static STACK: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
    /// The arena of the innermost frame, if that is an executor of which no timeline is kept. It is looked at with each wake, and
    /// where it is found nothing has to be recorded. Without a destructor the variable is cheap to reach, and outlives those of the
    /// thread.
    static CURRENT: Cell<Option<NonNull<Arena>>> = const { Cell::new(None) };
    /// The time source of the same run, which is looked at with each timer.
    static CURRENT_TIME: Cell<Option<NonNull<TimeSource>>> = const { Cell::new(None) };
}

/// The arena of the innermost frame, if that is an executor of which no timeline is kept. It is there until that frame is left.
#[inline]
pub(crate) fn current() -> Option<NonNull<Arena>> {
    CURRENT.get()
}

/// The time source of the [`current`] run. It is there until that frame is left.
#[inline]
pub(crate) fn current_time() -> Option<NonNull<TimeSource>> {
    CURRENT_TIME.get()
}

/// Whether the innermost frame is the executor with this arena, and no timeline is kept of it.
#[inline]
pub(crate) fn is_current(arena: NonNull<Arena>) -> bool {
    CURRENT.get() == Some(arena)
}

/// Whether any frame is.
pub(crate) fn is_inside(arena: NonNull<Arena>) -> bool {
    let is_it = |frame: &Frame| frame.arena() == Some(arena);
    read(|stack| stack.iter().any(is_it).then_some(())).is_some()
}

/// Keeps a frame on the stack for as long as it lives.
#[must_use = "the frame is left when this is dropped"]
pub(crate) struct Entered {
    lane: Option<timeline::Entered>,
    /// The stack belongs to this thread.
    not_send: PhantomData<*const ()>,
}

/// Makes `frame` the innermost one.
pub(crate) fn enter(frame: Frame) -> Entered {
    let lane = frame.enter_lane();
    // On a thread that is being torn down this panics, and the frame is gone.
    STACK.with_borrow_mut(|stack| {
        stack.push(frame);
        make_current(stack.last());
    });
    Entered {
        lane,
        not_send: PhantomData,
    }
}

fn make_current(innermost: Option<&Frame>) {
    let core = innermost.and_then(Frame::quick);
    CURRENT.set(core.map(|core| core.arena()));
    CURRENT_TIME.set(core.map(|core| NonNull::from(&core.time)));
}

impl Drop for Entered {
    fn drop(&mut self) {
        // Dropped after the borrow has ended: the frame may own wakers of strangers.
        let frame = STACK.with_borrow_mut(|stack| {
            let frame = stack.pop();
            make_current(stack.last());
            frame
        });
        self.lane = None;
        drop(frame);
    }
}

/// The innermost frame.
pub(crate) fn innermost() -> Option<Frame> {
    read(|stack| stack.last().cloned())
}

/// The innermost frame, if that is a coroutine.
pub(crate) fn innermost_coroutine() -> Option<Rc<Stepper>> {
    read(|stack| match stack.last() {
        Some(Frame::Coroutine(stepper)) => Some(stepper.clone()),
        _ => None,
    })
}

/// The innermost executor, below the coroutines that are stepped inside it.
pub(crate) fn executor() -> Option<Rc<Core>> {
    read(|stack| stack.iter().rev().find_map(Frame::as_executor).cloned())
}

/// The frame whose time source has this id, if this thread is inside it.
pub(crate) fn frame_of(source: NonZeroU64) -> Option<Frame> {
    read(|stack| {
        let found = stack.iter().rev().find(|frame| frame.time().id() == source);
        found.cloned()
    })
}

/// Reads the stack; a thread that is being torn down has none.
#[inline]
fn read<R>(f: impl FnOnce(&[Frame]) -> Option<R>) -> Option<R> {
    STACK.try_with(|stack| f(&stack.borrow())).ok().flatten()
}

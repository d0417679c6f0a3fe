//! What runs on this thread: executors and hand-stepped coroutines, nested in one another.
//!
//! The innermost frame is the one that a [`sleep`](crate::sleep) asks for time. The outer ones stay
//! reachable by their id, so that waking one of their tasks needs no detour.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;

use crate::by_hand::Stepper;
use crate::executor::Core;
use crate::time::TimeSource;
use crate::timeline::EventKind;

/// Something that polls futures on this thread right now.
#[derive(Clone)]
pub(crate) enum Frame {
    Executor(Rc<Core>),
    Coroutine(Rc<Stepper>),
}

impl Frame {
    pub(crate) fn time(&self) -> &TimeSource {
        match self {
            Frame::Executor(core) => &core.time,
            Frame::Coroutine(stepper) => &stepper.time,
        }
    }

    /// Records an event of what runs in it, if a timeline is kept.
    pub(crate) fn record(&self, kind: impl FnOnce() -> EventKind) {
        match self {
            Frame::Executor(core) => core.record_current(kind),
            Frame::Coroutine(stepper) => stepper.record(kind),
        }
    }

    /// Whether a timeline is kept of it.
    fn is_recorded(&self) -> bool {
        match self {
            Frame::Executor(core) => core.is_recorded(),
            Frame::Coroutine(stepper) => stepper.is_recorded(),
        }
    }

    /// Whether what happens in it has a lane in its own timeline, or none.
    fn has_own_lane(&self) -> bool {
        match self {
            Frame::Executor(_) => true,
            Frame::Coroutine(stepper) => stepper.is_recorded(),
        }
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
}

/// Keeps a frame on the stack for as long as it lives.
#[must_use = "the frame is left when this is dropped"]
pub(crate) struct Entered {
    /// The stack belongs to this thread.
    not_send: PhantomData<*const ()>,
}

/// Makes `frame` the innermost one.
pub(crate) fn enter(frame: Frame) -> Entered {
    STACK.with_borrow_mut(|stack| stack.push(frame));
    Entered {
        not_send: PhantomData,
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        // Dropped after the borrow has ended: the frame may own wakers of strangers.
        let frame = STACK.with_borrow_mut(Vec::pop);
        drop(frame);
    }
}

/// The innermost frame.
pub(crate) fn innermost() -> Option<Frame> {
    read(|stack| stack.last().cloned())
}

/// The innermost frame, if that is a coroutine.
#[inline]
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

/// The frame in whose lane of a timeline this stands, if one is kept. A coroutine that is not recorded stands in the lane of who
/// steps it.
pub(crate) fn lane() -> Option<Frame> {
    read(|stack| {
        let lane = stack.iter().rev().find(|frame| frame.has_own_lane());
        lane.filter(|frame| frame.is_recorded()).cloned()
    })
}

/// The frame whose time source has this id, if this thread is inside it.
pub(crate) fn frame_of(source: u64) -> Option<Frame> {
    read(|stack| {
        let found = stack.iter().rev().find(|frame| frame.time().id() == source);
        found.cloned()
    })
}

/// Calls `f`, which must not run anybody else's code, with the executor of this id.
#[inline]
pub(crate) fn with_executor<R>(id: u64, f: impl FnOnce(&Core) -> R) -> Option<R> {
    read(|stack| {
        let mut cores = stack.iter().rev().filter_map(Frame::as_executor);
        cores.find(|core| core.time.id() == id).map(|core| f(core))
    })
}

/// Reads the stack; a thread that is being torn down has none.
#[inline]
fn read<R>(f: impl FnOnce(&[Frame]) -> Option<R>) -> Option<R> {
    STACK.try_with(|stack| f(&stack.borrow())).ok().flatten()
}

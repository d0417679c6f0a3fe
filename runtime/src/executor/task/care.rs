//! What there is to do beside polling, where a timeline is kept, or the task is to stop, or has entered something. Most tasks take one
//! look here, and go on.

use std::any::Any;
use std::ptr::NonNull;
use std::rc::Rc;

use forwith::executor::KeptPanic;

use super::header::Stop;
use super::{Core, Header, JoinError, waker_of};
use crate::strangers::contain;
use crate::timeline::EventKind;

/// The task is about to be polled. Why it ends instead, if it does.
#[inline]
pub(super) fn begins(block: NonNull<Header>) -> Option<JoinError> {
    // SAFETY: the task lives.
    if unsafe { block.as_ref() }.is_plain() {
        return None;
    }
    begins_with_care(block)
}

#[cold]
#[inline(never)]
fn begins_with_care(block: NonNull<Header>) -> Option<JoinError> {
    // SAFETY: the task lives.
    let header = unsafe { block.as_ref() };
    core_of(block).tell_begin(header.id.get());
    let error = why_it_stops(block);
    if error.is_some() {
        ends_poll_with_care(block);
    }
    error
}

/// The poll is over, and the task waits. Why it ends instead, if it does.
#[inline]
pub(super) fn waits(block: NonNull<Header>) -> Option<JoinError> {
    // SAFETY: the task lives.
    let header = unsafe { block.as_ref() };
    if header.is_plain() {
        header.waits();
        return None;
    }
    waits_with_care(block)
}

#[cold]
#[inline(never)]
fn waits_with_care(block: NonNull<Header>) -> Option<JoinError> {
    let error = why_it_stops(block);
    // SAFETY: the task lives.
    let header = unsafe { block.as_ref() };
    header.waits();
    core_of(block).tell_end(header.id.get(), error.is_some());
    error
}

/// The poll is over, and so is the task.
#[inline]
pub(super) fn ends_poll(block: NonNull<Header>) {
    // SAFETY: the task lives.
    if !unsafe { block.as_ref() }.is_plain() {
        ends_poll_with_care(block);
    }
}

#[cold]
#[inline(never)]
fn ends_poll_with_care(block: NonNull<Header>) {
    // SAFETY: the task lives.
    core_of(block).tell_end(unsafe { block.as_ref() }.id.get(), true);
}

/// The run of a task that has not ended.
#[cold]
pub(super) fn core_of(block: NonNull<Header>) -> Rc<Core> {
    // SAFETY: the block is one of the run's arena.
    let arena = unsafe { block.as_ref().arena.as_ref() };
    arena.core().expect("no task outlives its run")
}

/// Why a task ends that was told to stop, perhaps by itself in the poll that is over, or by those who heard of that.
fn why_it_stops(block: NonNull<Header>) -> Option<JoinError> {
    // SAFETY: the task lives.
    let header = unsafe { block.as_ref() };
    let is_over = matches!(header.stop(), Stop::Asked | Stop::Known) && is_over(block);
    match header.stop() {
        Stop::Aborted => Some(JoinError::aborted()),
        _ => is_over.then(JoinError::cancelled),
    }
}

/// Tells the scope of a task that the task is to stop; says whether nobody is left inside. Until then, the task is woken when
/// that changes.
fn is_over(block: NonNull<Header>) -> bool {
    // SAFETY: the task lives, and is not being polled.
    let (header, scope, waker) = unsafe {
        let header = block.as_ref();
        (header, &mut *header.scope.get(), waker_of(block))
    };
    if header.stop() == Stop::Asked {
        header.stops(Stop::Known);
        scope.cancel();
    }
    scope.is_vacated(&waker)
}

/// Whether the task has entered nothing, and no timeline is kept.
#[inline]
pub(super) fn is_simple(block: NonNull<Header>) -> bool {
    // SAFETY: the block is one of the run's arena, and nobody polls the task any more.
    let (header, scope) = unsafe {
        let header = block.as_ref();
        (header, &*header.scope.get())
    };
    scope.is_bare() && header.is_plain()
}

/// What is delivered where an exit has panicked, which the end of the task had begun, or a destructor. Of several panics one of the
/// task itself goes first; the exit's tells of itself then.
pub(super) fn worst<T>(
    result: Result<T, JoinError>,
    exit: Option<KeptPanic>,
    destructor: Result<(), Box<dyn Any + Send>>,
) -> Result<T, JoinError> {
    let exit = exit
        .filter(|_| !is_own(&result))
        .map(KeptPanic::into_payload);
    let panic = match (exit, destructor) {
        (None, Ok(())) => return result,
        (None, Err(panic)) => panic,
        (Some(panic), second) => {
            contain(|| drop(second));
            panic
        }
    };
    contain(|| drop(result));
    Err(JoinError::panicked(panic))
}

/// Whether nobody is to be told of the panic of an exit: the task has panicked itself, or it was aborted.
fn is_own<T>(result: &Result<T, JoinError>) -> bool {
    result.as_ref().is_err_and(|error| !error.is_cancelled())
}

pub(super) fn how_it_ended<T>(result: &Result<T, JoinError>) -> EventKind {
    match result {
        Ok(_) => EventKind::Finished,
        Err(error) if error.is_panic() => EventKind::Panicked,
        Err(error) if error.is_cancelled() => EventKind::Cancelled,
        Err(_) => EventKind::Aborted,
    }
}

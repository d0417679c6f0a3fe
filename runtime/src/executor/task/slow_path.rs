//! What is to be done beside polling: where a task is to stop or has entered something, or where a
//! timeline is kept. Most tasks look at one flag here.

use forwith::executor::{KeptPanic, TaskScope};
use forwith_timeline::EventKind;

use crate::executor::raw::{Block, BorrowedWaker, Stop};
use crate::task::JoinError;
use crate::util::panic::{Payload, contain};

/// What to do with a task that is about to be polled, or waits.
pub enum Verdict {
    /// Nothing out of the ordinary.
    Continue,
    /// End it with this error.
    End(JoinError),
}

/// The task is about to be polled.
#[inline]
pub fn begin_poll(block: Block<'_>, scope: &mut TaskScope) -> Verdict {
    if block.is_plain() {
        return Verdict::Continue;
    }
    begin_poll_slow(block, scope)
}

#[cold]
#[inline(never)]
fn begin_poll_slow(block: Block<'_>, scope: &mut TaskScope) -> Verdict {
    block.arena().record_poll(block.id());
    let verdict = verdict(block, scope);
    if let Verdict::End(_) = verdict {
        end_poll_ready(block);
    }
    verdict
}

/// The poll is over, and the task waits.
#[inline]
pub fn end_poll_pending(block: Block<'_>, scope: &mut TaskScope) -> Verdict {
    if block.is_plain() {
        block.transition_to_waiting();
        return Verdict::Continue;
    }
    end_poll_pending_slow(block, scope)
}

#[cold]
#[inline(never)]
fn end_poll_pending_slow(block: Block<'_>, scope: &mut TaskScope) -> Verdict {
    let verdict = verdict(block, scope);
    block.transition_to_waiting();
    record_end_of_poll(block, matches!(verdict, Verdict::End(_)));
    verdict
}

/// The poll is over, and so is the task.
#[inline]
pub fn end_poll_ready(block: Block<'_>) {
    if !block.is_plain() {
        record_end_of_poll(block, true);
    }
}

#[cold]
#[inline(never)]
fn record_end_of_poll(block: Block<'_>, ready: bool) {
    let event = || EventKind::PollEnded { ready };
    block.arena().record(block.id(), event);
}

/// Records how a task has ended, if a timeline is kept.
pub fn record_end<T>(block: Block<'_>, result: &Result<T, JoinError>) {
    block.arena().record(block.id(), || match result {
        Ok(_) => EventKind::Finished,
        Err(error) if error.is_panic() => EventKind::Panicked,
        Err(error) if error.is_cancelled() => EventKind::Cancelled,
        Err(_) => EventKind::Aborted,
    });
}

/// What to do with a task that may have been told to stop: before, by itself in its poll, or by
/// those who heard that it was cancelled.
fn verdict(block: Block<'_>, scope: &mut TaskScope) -> Verdict {
    let is_cancelled =
        matches!(block.stop(), Stop::Asked | Stop::Known) && is_vacated(block, scope);
    match block.stop() {
        Stop::Aborted => Verdict::End(JoinError::aborted()),
        _ if is_cancelled => Verdict::End(JoinError::cancelled()),
        _ => Verdict::Continue,
    }
}

/// Cancels the scope of a task that was cancelled, and looks whether nothing inside it remains to
/// be exited. Until then, the task is woken when that changes.
fn is_vacated(block: Block<'_>, scope: &mut TaskScope) -> bool {
    if block.stop() == Stop::Asked {
        block.set_stop(Stop::Known);
        scope.cancel();
    }
    scope.poll_vacated(&BorrowedWaker::new(block)).is_ready()
}

/// Chooses what to deliver where an exit has panicked that the end of the task had begun, or where
/// a destructor has. A panic of the task itself goes first. Then the hook has been told of the
/// exit.
pub fn worst<T>(
    result: Result<T, JoinError>,
    exit: Option<KeptPanic>,
    destructor: Result<(), Payload>,
) -> Result<T, JoinError> {
    let exit = exit
        .filter(|_| !outranks_exits(&result))
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

/// Whether a panic of an exit is not delivered: the task has panicked itself, or was aborted.
fn outranks_exits<T>(result: &Result<T, JoinError>) -> bool {
    result.as_ref().is_err_and(|error| !error.is_cancelled())
}

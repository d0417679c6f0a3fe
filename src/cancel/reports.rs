//! Reports to the innermost collector or the hook, made outside of every scope.
//!
//! A hook may block on a future of its own, which must not find itself cancelled. So everything
//! above this folder reports through here.

use core::fmt::Debug;

use super::kept_panic::KeptPanic;
use super::outside_of_scopes;
use crate::report::{ExitError, count_lost, deliver};
use crate::util::panic::{self, Payload};

/// Counts and reports an exit that never began.
#[cold]
pub(crate) fn report_lost(resource: &'static str) {
    count_lost();
    report(&ExitError::Lost { resource });
}

/// Counts and reports an exit that was dropped while it ran.
#[cold]
pub(crate) fn report_cut(resource: &'static str) {
    count_lost();
    report(&ExitError::Cut { resource });
}

/// Counts and reports an exit that was dropped because it took too long.
#[cfg(feature = "std")]
#[cold]
pub(crate) fn report_hung(resource: &'static str) {
    count_lost();
    report(&ExitError::Hung { resource });
}

/// Reports a panic that cannot resume.
#[cold]
pub(crate) fn report_panic(resource: &'static str, payload: Payload) {
    let message = panic::message(&payload);
    report(&ExitError::Panicked { resource, message });
    panic::discard(payload);
}

/// Resumes the panic of a destructor. While another one unwinds, that would abort the process, so
/// it is reported.
#[cfg(feature = "std")]
pub(crate) fn resume_or_report(resource: &'static str, payload: Payload) {
    if panic::is_under_way() {
        report_panic(resource, payload);
    } else {
        panic::resume(payload);
    }
}

/// Reports an error that cannot be returned, and drops it. A panic of its destructor is reported,
/// too.
#[cold]
pub(crate) fn report_error<E: Debug>(resource: &'static str, error: E) {
    report(&ExitError::Failed {
        resource,
        error: &error,
    });
    if let Err(payload) = panic::catch(|| drop(error)) {
        report_panic(resource, payload);
    }
}

/// Keeps a panic until everything else has ended. It is reported if it never resumes.
pub(crate) fn keep_panic(of: &'static str, payload: Payload) -> KeptPanic {
    KeptPanic::new(of, payload, report_panic)
}

fn report(error: &ExitError<'_>) {
    outside_of_scopes(|| deliver(error));
}

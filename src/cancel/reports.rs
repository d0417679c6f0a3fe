//! Reports of exits that went wrong, made outside of every scope: a hook that blocks on a future of its own must not find
//! that cancelled.

use core::fmt;

use super::kept_panic::KeptPanic;
use super::outside;
use crate::report::{ExitError, ExitErrorKind, count_lost, deliver};
use crate::util::panic::{self, Payload};

/// Counts and reports an exit that did not run to its end.
#[cold]
pub(crate) fn report_lost(resource: &'static str, kind: ExitErrorKind) {
    count_lost();
    report(&ExitError {
        resource,
        error: &kind,
        kind,
    });
}

/// Reports a panic that has no way to travel.
#[cold]
pub(crate) fn report_panic(resource: &'static str, payload: Payload) {
    report(&ExitError {
        resource,
        error: &panic::message(&payload),
        kind: ExitErrorKind::Panicked,
    });
    panic::discard(payload);
}

/// Reports an error that has no way to travel.
#[cold]
pub(crate) fn report_error(resource: &'static str, error: &dyn fmt::Debug) {
    report(&ExitError {
        resource,
        error,
        kind: ExitErrorKind::Failed,
    });
}

/// Keeps a panic until others have ended. It is reported if it never resumes.
pub(crate) fn keep_panic(of: &'static str, payload: Payload) -> KeptPanic {
    KeptPanic::new(of, payload, report_panic)
}

fn report(error: &ExitError<'_>) {
    outside(|| deliver(error));
}

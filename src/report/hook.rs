//! The hook, which is told of exits that went wrong.

use core::mem;
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

#[cfg(feature = "std")]
use super::collector;
use super::exit_error::ExitError;
#[cfg(feature = "std")]
use super::exit_report::ExitReport;
#[cfg(feature = "std")]
use crate::observe;
use crate::util::panic;

type Hook = fn(&ExitError<'_>);

/// A [`Hook`], or null for the default.
static HOOK: AtomicPtr<()> = AtomicPtr::new(ptr::null_mut());

/// Sets the function that is told of exits that went wrong where no caller can be given the error.
///
/// There is one hook in a program. It hears what nobody collects ([`report`](crate::report)), on the
/// thread where the exit went wrong or its error was dropped, outside of every scope. The default
/// writes a line to stderr; under the feature `tracing` it is an event of level ERROR instead, if a
/// subscriber listens to that. Without the feature `std` there is no default, so a program that
/// wants to know must set a hook.
///
/// ```
/// use std::sync::Mutex;
/// use forwith::report::{ExitError, set_hook};
/// use forwith::{AsyncExit, Outcome, async_with};
///
/// struct Connection;
///
/// impl AsyncExit for Connection {
///     type Error = &'static str;
///
///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
///         Err("already disconnected")
///     }
/// }
///
/// static FAILED: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// set_hook(|wrong| {
///     if let ExitError::Failed { error, .. } = wrong {
///         FAILED.lock().unwrap().push(format!("{error:?}"));
///     }
/// });
///
/// # futures::executor::block_on(async {
/// let result = async_with!(std::future::ready(Ok(Connection)), { Err::<(), _>("no such key") });
/// assert_eq!(result, Ok(Err("no such key")), "the body's error stays primary");
/// assert_eq!(*FAILED.lock().unwrap(), ["\"already disconnected\""]);
/// # });
/// ```
///
/// # Panics
///
/// A panic of the hook is caught and discarded: it would replace the error or the panic that is on
/// its way.
#[doc(alias = "set_exception_handler")]
pub fn set_hook(hook: fn(&ExitError<'_>)) {
    HOOK.store(hook as *mut (), Ordering::Release);
}

/// Tells the innermost collector, or else the hook.
///
/// The caller sees to it that this is outside of every scope, or a hook that blocks on a future
/// would find that cancelled.
pub(crate) fn deliver(error: &ExitError<'_>) {
    #[cfg(feature = "std")]
    if collector::is_collecting() {
        return deliver_kept(ExitReport::of(error));
    }
    tell(error);
}

/// Tells the innermost collector, or else the hook. The same holds for the caller.
#[cfg(feature = "std")]
pub(crate) fn deliver_kept(report: ExitReport) {
    if let Err(report) = collector::collect(report) {
        tell(&report.error());
    }
}

/// Tells the hook.
fn tell(error: &ExitError<'_>) {
    let hook = HOOK.load(Ordering::Acquire);
    if hook.is_null() {
        default_hook(error);
    } else {
        // SAFETY: `set_hook` alone stores here, and it stores a `Hook`.
        let hook = unsafe { mem::transmute::<*mut (), Hook>(hook) };
        panic::contain(|| hook(error));
    }
}

#[cfg(feature = "std")]
fn default_hook(error: &ExitError<'_>) {
    let is_heard = match error {
        ExitError::Failed { resource, error } => {
            let text = "the exit of a resource failed";
            observe::exit_error("Failed", resource, text, Some(error))
        }
        ExitError::Panicked { resource, message } => {
            let text = "the exit of a resource panicked";
            observe::exit_error("Panicked", resource, text, Some(message))
        }
        ExitError::Lost { resource } => {
            let text = "a resource was not exited: its future was dropped, and no reaper took \
                        the exit (one that is installed takes an exit that owns all it needs)";
            observe::exit_error("Lost", resource, text, None)
        }
        ExitError::Cut { resource } => {
            let text = "the exit of a resource was dropped half-way";
            observe::exit_error("Cut", resource, text, None)
        }
        ExitError::Hung { resource } => {
            let text = "the exit of a resource took longer than its reaper allows, and was dropped";
            observe::exit_error("Hung", resource, text, None)
        }
    };
    if !is_heard {
        std::eprintln!("forwith: {error}");
    }
}

#[cfg(not(feature = "std"))]
fn default_hook(_: &ExitError<'_>) {}

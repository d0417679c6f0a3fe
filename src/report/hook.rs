//! The hook, which is told of exits that went wrong.

use core::sync::atomic::{AtomicPtr, Ordering};

use super::exit_error::ExitError;
#[cfg(feature = "std")]
use super::exit_error::ExitErrorKind;
#[cfg(feature = "std")]
use crate::observe;
use crate::util::panic;

type Hook = fn(&ExitError<'_>);

/// A [`Hook`], or null for the default.
static HOOK: AtomicPtr<()> = AtomicPtr::new(core::ptr::null_mut());

/// Sets what is told of exits that went wrong where nobody can be given the error, in place of a line on stderr.
///
/// There is one hook in a program; it is called on the thread where it happens, in the order in which it does. Without the
/// feature `std` there is no default, so a program that wants to know must set one. Under the feature `tracing` the default is an event of
/// level ERROR, and the line only where no subscriber listens to that.
///
/// # Panics
///
/// A panic of the hook goes no further: it would replace the error or panic that is on its way.
///
/// ```
/// use std::sync::Mutex;
/// use forwith::{AsyncExit, Outcome, async_with, set_exit_error_hook};
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
/// static LOST: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// set_exit_error_hook(|lost| LOST.lock().unwrap().push(format!("{:?}", lost.error)));
///
/// # futures::executor::block_on(async {
/// let result = async_with!(std::future::ready(Ok(Connection)), { Err::<(), _>("no such key") });
/// assert_eq!(result, Ok(Err("no such key")), "the body's error stays primary");
/// assert_eq!(*LOST.lock().unwrap(), ["\"already disconnected\""]);
/// # });
/// ```
pub fn set_exit_error_hook(hook: fn(&ExitError<'_>)) {
    HOOK.store(hook as *mut (), Ordering::Release);
}

/// Tells the hook. To be called outside of every scope, or the hook finds itself in one.
pub(crate) fn deliver(error: &ExitError<'_>) {
    let hook = HOOK.load(Ordering::Acquire);
    if hook.is_null() {
        default_hook(error);
    } else {
        // SAFETY: only `set_exit_error_hook` stores here, and what it stores is a `Hook`.
        let hook = unsafe { core::mem::transmute::<*mut (), Hook>(hook) };
        // An error or a panic that goes first is on its way: one of the hook's must not replace it.
        panic::contain(|| hook(error));
    }
}

#[cfg(feature = "std")]
fn default_hook(error: &ExitError<'_>) {
    let (text, shown, kind) = match error.kind {
        ExitErrorKind::Failed => ("leaving a resource failed", Some(error.error), "Failed"),
        ExitErrorKind::Panicked => ("leaving a resource panicked", Some(error.error), "Panicked"),
        ExitErrorKind::Lost => (
            "a resource was not left: its future was dropped, and no reaper took the exit",
            None,
            "Lost",
        ),
        ExitErrorKind::Cut => ("the exit of a resource was dropped half-way", None, "Cut"),
    };
    if !observe::exit_error(error.resource, text, shown, kind) {
        std::eprintln!("forwith: {error}");
    }
}

#[cfg(not(feature = "std"))]
fn default_hook(_: &ExitError<'_>) {}

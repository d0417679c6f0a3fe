//! Where errors go that have no way to travel.

use core::fmt;
use core::sync::atomic::{AtomicPtr, Ordering};

use crate::driver::panic;

/// An exit failed and its error has no way to travel, because the body's own error or panic goes
/// first.
#[non_exhaustive]
pub struct ExitError<'a> {
    /// The name of the resource's type.
    pub resource: &'static str,
    /// What went wrong. A panic shows as its message.
    pub error: &'a dyn fmt::Debug,
}

impl fmt::Debug for ExitError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExitError")
            .field("resource", &self.resource)
            .field("error", self.error)
            .finish()
    }
}

impl fmt::Display for ExitError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "leaving {} failed after its body had failed: {:?}",
            self.resource, self.error
        )
    }
}

type Hook = fn(&ExitError<'_>);

/// A [`Hook`], or null for the default.
static HOOK: AtomicPtr<()> = AtomicPtr::new(core::ptr::null_mut());

/// Sets what is told of exit errors that have no way to travel, in place of a line on stderr.
///
/// There is one hook in a program; it is called on the thread that polls the scope. Without the
/// feature `std` there is no default, so a program that wants to know must set one.
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

/// Tells the hook.
pub(crate) fn report(error: &ExitError<'_>) {
    let hook = HOOK.load(Ordering::Acquire);
    if hook.is_null() {
        default_hook(error);
    } else {
        // SAFETY: only `set_exit_error_hook` stores here, and what it stores is a `Hook`.
        let hook = unsafe { core::mem::transmute::<*mut (), Hook>(hook) };
        // An error or a panic that goes first is on its way: one of the hook's must not replace it.
        let _ = panic::catch(|| hook(error));
    }
}

#[cfg(feature = "std")]
fn default_hook(error: &ExitError<'_>) {
    std::eprintln!("forwith: {error}");
}

#[cfg(not(feature = "std"))]
fn default_hook(_: &ExitError<'_>) {}

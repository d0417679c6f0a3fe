//! Where news of exits goes that has no way to travel.

use core::fmt;
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use crate::cancel::outside;
use crate::driver::panic::{self, Payload};
#[cfg(feature = "std")]
use crate::trace;

/// What went wrong with an exit, where nobody is there to be given an error.
#[non_exhaustive]
pub struct ExitError<'a> {
    /// The name of the resource's type.
    pub resource: &'static str,
    /// What went wrong. A panic shows as its message.
    pub error: &'a dyn fmt::Debug,
    /// In what way.
    pub kind: ExitErrorKind,
}

/// In what way an exit went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExitErrorKind {
    /// It failed after its body had failed, panicked or been cancelled, or in a reaper.
    Failed,
    /// It panicked, and gave way to an earlier panic; or it did so in a reaper.
    Panicked,
    /// It did not run: the future that held the resource was dropped outright, and no reaper took the exit.
    Lost,
    /// It did not run to its end, because it was dropped half-way.
    Cut,
}

impl fmt::Debug for ExitError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExitError")
            .field("resource", &self.resource)
            .field("error", self.error)
            .field("kind", &self.kind)
            .finish()
    }
}

impl fmt::Display for ExitError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ExitError {
            resource, error, ..
        } = self;
        match self.kind {
            ExitErrorKind::Failed => write!(f, "leaving {resource} failed: {error:?}"),
            ExitErrorKind::Panicked => write!(f, "leaving {resource} panicked: {error:?}"),
            ExitErrorKind::Lost => write!(
                f,
                "{resource} was not left: its future was dropped, and no reaper took the exit"
            ),
            ExitErrorKind::Cut => write!(f, "the exit of {resource} was dropped half-way"),
        }
    }
}

type Hook = fn(&ExitError<'_>);

/// A [`Hook`], or null for the default.
static HOOK: AtomicPtr<()> = AtomicPtr::new(core::ptr::null_mut());

/// How many exits were lost or cut.
static LOST: AtomicUsize = AtomicUsize::new(0);

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

/// How many exits of this program did not run, or not to their end: those of resources that were dropped outright and
/// neither handed to a reaper nor otherwise [handled](crate::AsyncExit::abandon), and those that were dropped half-way.
///
/// ```
/// use forwith::{AsyncExit, Outcome, async_with, lost_exits};
/// use futures::FutureExt;
///
/// struct Connection;
///
/// impl AsyncExit for Connection {
///     type Error = std::io::Error;
///
///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
///         Ok(())
///     }
/// }
///
/// let before = lost_exits();
/// let _ = async { async_with!(async { Ok(Connection) }, { std::future::pending::<()>().await }) }.now_or_never();
/// assert_eq!(lost_exits(), before + 1);
/// ```
#[must_use]
pub fn lost_exits() -> usize {
    LOST.load(Ordering::Relaxed)
}

/// Counts and tells of an exit that did not run to its end.
#[cold]
pub(crate) fn report_lost(resource: &'static str, kind: ExitErrorKind) {
    LOST.fetch_add(1, Ordering::Relaxed);
    report(&ExitError {
        resource,
        error: &kind,
        kind,
    });
}

/// The panic of an exit, kept until everything else has ended.
///
/// A kept panic that is dropped goes to the hook ([`set_exit_error_hook`]).
pub struct KeptPanic {
    /// The name of the resource's type, or what else it came from.
    of: &'static str,
    /// `None` once it goes on.
    payload: Option<Payload>,
}

impl KeptPanic {
    pub(crate) fn new(of: &'static str, payload: Payload) -> Self {
        KeptPanic {
            of,
            payload: Some(payload),
        }
    }
}

#[cfg(feature = "std")]
impl KeptPanic {
    /// The payload, to resume the panic with.
    ///
    /// # Panics
    ///
    /// Never: the payload is there until this takes it.
    #[must_use]
    pub fn into_payload(mut self) -> Payload {
        self.payload.take().expect("it is kept until it goes on")
    }

    pub(crate) fn resume(self) -> ! {
        panic::resume(self.into_payload())
    }
}

impl fmt::Debug for KeptPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptPanic")
            .field("of", &self.of)
            .finish_non_exhaustive()
    }
}

impl Drop for KeptPanic {
    fn drop(&mut self) {
        if let Some(payload) = self.payload.take() {
            report_panic(self.of, payload);
        }
    }
}

/// Tells of a panic that has no way to travel.
#[cold]
pub(crate) fn report_panic(resource: &'static str, payload: Payload) {
    report(&ExitError {
        resource,
        error: &panic::message(&payload),
        kind: ExitErrorKind::Panicked,
    });
    panic::discard(payload);
}

/// Tells of an error that has no way to travel.
#[cold]
pub(crate) fn report_error(resource: &'static str, error: &dyn fmt::Debug) {
    report(&ExitError {
        resource,
        error,
        kind: ExitErrorKind::Failed,
    });
}

/// Tells the hook.
fn report(error: &ExitError<'_>) {
    let hook = HOOK.load(Ordering::Acquire);
    if hook.is_null() {
        default_hook(error);
    } else {
        // SAFETY: only `set_exit_error_hook` stores here, and what it stores is a `Hook`.
        let hook = unsafe { core::mem::transmute::<*mut (), Hook>(hook) };
        // An error or a panic that goes first is on its way: one of the hook's must not replace it.
        panic::contain(|| outside(|| hook(error)));
    }
}

#[cfg(feature = "std")]
fn default_hook(error: &ExitError<'_>) {
    if !trace::exit_error(error) {
        std::eprintln!("forwith: {error}");
    }
}

#[cfg(not(feature = "std"))]
fn default_hook(_: &ExitError<'_>) {}

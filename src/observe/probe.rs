//! The probe of the program.

use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use crate::util::panic;
use crate::util::short_name::Short;

/// A step in the life of a resource.
///
/// A resource that is entered by [`async_with!`](crate::async_with) or by an
/// [`ExitStack`](crate::ExitStack) takes one of these ways:
///
/// ```text
/// Entering ─┬─▶ Entered ─┬─▶ Exiting ─┬─▶ Exited
///           │            │            └─▶ Cut
///           └─▶ NotEntered            │
///                        └─▶ Abandoned ─ ─▶ Exiting …   in a reaper, if one takes the exit
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// The enter begins.
    Entering,
    /// The enter has given the resource.
    Entered,
    /// The enter has failed, panicked, or been dropped before its end.
    NotEntered,
    /// The exit begins.
    Exiting,
    /// The exit has ended: well, with an error or by a panic.
    Exited,
    /// The exit was dropped while it ran.
    Cut,
    /// The resource was dropped before its exit began.
    Abandoned,
}

/// The name of a resource's type.
///
/// It is displayed as people write it: without modules and lifetimes, and without the
/// [`Mapped`](crate::resource::Mapped) of a mapped error.
///
/// ```
/// use forwith::{AsyncExit, Outcome, async_with};
/// use forwith::observe::{Phase, ResourceName, set_probe};
/// use std::sync::Mutex;
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
/// static NAMES: Mutex<Vec<String>> = Mutex::new(Vec::new());
///
/// set_probe(|phase, resource| {
///     if phase == Phase::Entered {
///         NAMES.lock().unwrap().push(resource.to_string());
///     }
/// });
/// # futures::executor::block_on(async {
/// async_with!(async { Ok(Connection) }, {}).unwrap();
/// # });
/// assert_eq!(*NAMES.lock().unwrap(), ["Connection"]);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ResourceName(&'static str);

impl ResourceName {
    /// The full name, as [`type_name`](core::any::type_name) gives it: it may show what an enter
    /// gives, a `Result` of the resource.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for ResourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Short(self.0).fmt(f)
    }
}

impl fmt::Debug for ResourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

type Probe = fn(phase: Phase, resource: ResourceName);

/// Whether there is a probe. Apart from the probe, so that where there is none each phase costs
/// one load.
static IS_SET: AtomicBool = AtomicBool::new(false);

static PROBE: RwLock<Option<Probe>> = RwLock::new(None);

/// Sets the function that is told every phase of every resource, in place of the one before.
///
/// There is one probe in a program. It is called on the thread where the phase happens, and for
/// one resource in the order of [`Phase`]. Without a probe a phase costs a load and a branch.
///
/// ```
/// use forwith::{AsyncExit, Outcome, async_with, observe};
/// use std::sync::Mutex;
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
/// static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());
///
/// observe::set_probe(|phase, resource| {
///     SEEN.lock().unwrap().push(format!("{phase:?} {resource}"));
/// });
/// # futures::executor::block_on(async {
/// async_with!(async { Ok(Connection) }, {}).unwrap();
/// # });
/// assert_eq!(
///     *SEEN.lock().unwrap(),
///     ["Entering Connection", "Entered Connection", "Exiting Connection", "Exited Connection"],
/// );
/// ```
///
/// # Panics
///
/// A panic of the probe is caught and discarded, so that it cannot keep an exit from running.
pub fn set_probe(probe: fn(phase: Phase, resource: ResourceName)) {
    *PROBE.write().unwrap_or_else(PoisonError::into_inner) = Some(probe);
    IS_SET.store(true, Ordering::Release);
}

/// Tells the probe, if there is one; whether there is.
#[inline]
pub(super) fn tell(phase: Phase, resource: &'static str) -> bool {
    let is_set = IS_SET.load(Ordering::Relaxed);
    if is_set {
        tell_slow(phase, resource);
    }
    is_set
}

#[cold]
#[inline(never)]
fn tell_slow(phase: Phase, resource: &'static str) {
    let probe = *PROBE.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(probe) = probe {
        panic::contain(|| probe(phase, ResourceName(resource)));
    }
}

//! The probes of the program.

use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use std::vec::Vec;

use crate::util::panic;
use crate::util::short_name::Short;

/// A step in the life of a resource.
///
/// A resource that is entered by [`async_with!`](crate::async_with), in it [side by
/// side](crate::side_by_side) with others, or by an
/// [`ExitStack`](crate::ExitStack) takes one of these ways:
///
/// ```text
/// Entering ─┬─▶ Entered ─┬─▶ Exiting ─┬─▶ Exited
///           │            │            ├─▶ Cut
///           └─▶ NotEntered            └─▶ Outlives ─ ─▶ Exiting …   in a reaper
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
    /// The exit was dropped while it ran, also by the limit of a reaper.
    Cut,
    /// The exit was dropped while it ran, and goes on in a reaper.
    Outlives,
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
/// use forwith::observe::{Phase, ResourceName, add_probe};
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
/// add_probe(|phase, resource| {
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

/// Whether there are probes. Apart from them, so that where there are none each phase costs one
/// load.
static ARE_SET: AtomicBool = AtomicBool::new(false);

/// The probes, in the order of adding. None is ever removed.
static PROBES: RwLock<Vec<Probe>> = RwLock::new(Vec::new());

/// Adds a function that is told every phase of every resource, from now on.
///
/// A program may have several probes, such as its own and that of `forwith-runtime`, which draws
/// timelines. Each is told every phase, in the order in which they were added. A probe is called on
/// the thread where the phase happens, and for one resource in the order of [`Phase`]. Without a
/// probe a phase costs a load and a branch.
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
/// observe::add_probe(|phase, resource| {
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
/// A panic of a probe is caught and discarded, so that it keeps no exit from running, and no other
/// probe from being told.
pub fn add_probe(probe: fn(phase: Phase, resource: ResourceName)) {
    PROBES
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .push(probe);
    ARE_SET.store(true, Ordering::Release);
}

/// Tells the probes. Returns whether there are any.
#[inline]
pub(super) fn tell(phase: Phase, resource: &'static str) -> bool {
    let are_set = ARE_SET.load(Ordering::Relaxed);
    if are_set {
        tell_slow(phase, resource);
    }
    are_set
}

#[cold]
#[inline(never)]
#[allow(improper_ctypes_definitions, reason = "it only must not unwind")]
extern "C" fn tell_slow(phase: Phase, resource: &'static str) {
    let count = probes().len();
    for index in 0..count {
        let probe = probes()[index]; // unlocked again: a probe may add another, or enter a resource
        panic::contain(|| probe(phase, ResourceName(resource)));
    }
}

fn probes() -> RwLockReadGuard<'static, Vec<Probe>> {
    PROBES.read().unwrap_or_else(PoisonError::into_inner)
}

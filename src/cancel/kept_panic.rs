//! A panic that waits for everything else to end.

use core::fmt;

#[cfg(feature = "std")]
use crate::util::panic;
use crate::util::panic::Payload;

/// The panic of an exit, kept until everything else has ended.
///
/// A kept panic that is dropped goes to the hook
/// ([`report::set_hook`](crate::report::set_hook)).
pub struct KeptPanic {
    /// The name of the resource's type, or of what else has panicked.
    of: &'static str,
    /// `None` once it has been taken.
    payload: Option<Payload>,
    /// Reports the panic. A pointer, because the tree that keeps the panic lies below what reports.
    report: fn(&'static str, Payload),
}

impl KeptPanic {
    pub(super) fn new(
        of: &'static str,
        payload: Payload,
        report: fn(&'static str, Payload),
    ) -> Self {
        KeptPanic {
            of,
            payload: Some(payload),
            report,
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
        self.payload.take().expect("the payload is taken once")
    }

    /// The message of the panic.
    pub(crate) fn message(&self) -> &str {
        self.payload.as_ref().map_or("", panic::message)
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
            (self.report)(self.of, payload);
        }
    }
}

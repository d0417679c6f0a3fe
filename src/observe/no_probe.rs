//! The probe without the standard library: there is none.

pub(super) enum Phase {
    Entering,
    Entered,
    NotEntered,
    Exiting,
    Exited,
    Cut,
}

#[inline]
pub(super) fn tell(_: Phase, _resource: &'static str) -> bool {
    false
}

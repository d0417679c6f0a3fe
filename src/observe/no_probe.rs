//! What stands in for the probe where there is no standard library.

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

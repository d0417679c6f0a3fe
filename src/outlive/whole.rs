//! Exits that consist of those of other resources.

use crate::{observe, reaper};

/// Tells probes that the exit of a whole is dropped before its end. It outlives that where those
/// of its parts do, and a reaper takes them.
pub(crate) fn tell_whole_dropped(resource: &'static str, outlives: bool) {
    if outlives && reaper::has_reaper() {
        observe::outlives(resource);
    } else {
        observe::cut(resource);
    }
}

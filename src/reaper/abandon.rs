//! Abandoning a resource: its exit, if it hands one over, goes to the reaper behind those of the resources further in.

use core::any::type_name;
use std::vec::Vec;

use super::{frames, installed};
use crate::cancel::{outside, report_panic};
use crate::observe;
use crate::protocol::handed_over::HandedOver;
use crate::protocol::{AsyncExit, Handoff};
use crate::util::panic;

/// Abandons a resource; where a panic is already under way, a second one is reported rather than left to abort the process.
#[cold]
pub(crate) fn abandon<R: AsyncExit>(resource: R) {
    let name = type_name::<R>();
    // The reaper is called at the end of the level, and must find no scope that is cancelled, nor must `abandon`.
    let abandon = || {
        let mut level = Resource::begin();
        observe::abandoned(name);
        resource.abandon(Handoff::new(name, &mut level.handed, installed::is_there));
    };
    if !panic::is_under_way() {
        outside(abandon);
    } else if let Err(payload) = panic::catch(|| outside(abandon)) {
        report_panic(name, payload);
    }
}

/// The resource of the body that has just been dropped is being abandoned; when this is dropped, its own exit, if it has handed one over,
/// stands behind those of the body.
struct Resource {
    handed: Option<HandedOver>,
    inner: Vec<HandedOver>,
}

impl Resource {
    fn begin() -> Self {
        Resource {
            handed: None,
            inner: frames::take_inner(),
        }
    }
}

impl Drop for Resource {
    fn drop(&mut self) {
        let inner = core::mem::take(&mut self.inner);
        // One that nobody takes tells of its loss here, and those with which it belongs together are not lost with it.
        let exits = match self.handed.take().filter(installed::takes) {
            Some(exit) => std::vec![exit.after(inner)],
            None => inner,
        };
        for exit in exits {
            keep_or_submit(exit);
        }
    }
}

/// Keeps an exit for the body around that is being dropped, or gives it to the reaper if there is none.
fn keep_or_submit(exit: HandedOver) {
    if let Some(exit) = frames::keep(exit) {
        installed::submit(exit);
    }
}

//! Abandons a resource. An exit that it hands over runs after those of the resources further in.

use core::any::type_name;
use std::vec::Vec;

use super::{frames, installed};
use crate::cancel::{outside, report_panic};
use crate::observe;
use crate::protocol::handed_over::HandedOver;
use crate::protocol::{AsyncExit, Handoff};
use crate::util::panic;

/// Abandons a resource. While a panic unwinds, a second one is reported, because it would abort the
/// process.
#[cold]
pub(crate) fn abandon<R: AsyncExit>(resource: R) {
    let name = type_name::<R>();
    // Neither `abandon` nor the reaper, which is called at the end, may find a cancelled scope.
    let abandon = || {
        let mut level = AbandonedResource::begin();
        observe::abandoned(name);
        resource.abandon(Handoff::new(name, &mut level.handed, installed::is_there));
    };
    if !panic::is_under_way() {
        outside(abandon);
    } else if let Err(payload) = panic::catch(|| outside(abandon)) {
        report_panic(name, payload);
    }
}

/// A resource that is being abandoned, after its body has been dropped.
///
/// Dropping this submits the exit that the resource has handed over, after those of the body.
struct AbandonedResource {
    handed: Option<HandedOver>,
    /// The exits of the body.
    inner: Vec<HandedOver>,
}

impl AbandonedResource {
    fn begin() -> Self {
        AbandonedResource {
            handed: None,
            inner: frames::take_inner(),
        }
    }
}

impl Drop for AbandonedResource {
    fn drop(&mut self) {
        let inner = core::mem::take(&mut self.inner);
        // An exit that no reaper takes is lost here, alone: the exits of the body are not.
        let exits = match self.handed.take().filter(installed::takes) {
            Some(exit) => std::vec![exit.after(inner)],
            None => inner,
        };
        for exit in exits {
            keep_or_submit(exit);
        }
    }
}

/// Keeps an exit for the body around that is being dropped. Without one it goes to the reaper.
fn keep_or_submit(exit: HandedOver) {
    if let Some(exit) = frames::keep(exit) {
        installed::submit(exit);
    }
}

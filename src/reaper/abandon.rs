//! Abandoning a resource.

use core::any::type_name;
use core::mem;
use std::vec::Vec;

use super::{installed, levels};
use crate::cancel::{outside, report_panic};
use crate::observe;
use crate::protocol::handed_over::HandedOver;
use crate::protocol::{AsyncExit, Handoff};
use crate::util::panic;

/// Abandons a resource. During a panic, a second panic is reported: it would abort the process.
#[cold]
pub(crate) fn abandon<R: AsyncExit>(resource: R) {
    let name = type_name::<R>();
    // The user's code and the reaper, which is called when `exits` is dropped, find no scope here.
    let abandon = || {
        let mut exits = Exits::of_dropped_body();
        observe::abandoned(name);
        resource.abandon(Handoff::new(name, &mut exits.own, installed::has_reaper));
    };
    if !panic::is_under_way() {
        outside(abandon);
    } else if let Err(payload) = panic::catch(|| outside(abandon)) {
        report_panic(name, payload);
    }
}

/// The exits of a resource that is being abandoned and of its body. They are kept for the body
/// around, or go to the reaper, when this is dropped.
struct Exits {
    own: Option<HandedOver>,
    inner: Vec<HandedOver>,
}

impl Exits {
    fn of_dropped_body() -> Self {
        Exits {
            own: None,
            inner: levels::take_inner(),
        }
    }
}

impl Drop for Exits {
    fn drop(&mut self) {
        let inner = mem::take(&mut self.inner);
        // An exit that no reaper takes is dropped here, and reports its loss. Those that would run
        // before it are not lost with it.
        let exits = match self.own.take().filter(installed::takes) {
            Some(exit) => std::vec![exit.after(inner)],
            None => inner,
        };
        for exit in exits {
            if let Some(exit) = levels::keep(exit) {
                installed::submit(exit);
            }
        }
    }
}

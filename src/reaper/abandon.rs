//! Abandoning a resource.

use core::any::type_name;
use std::vec::Vec;

use super::{installed, levels};
use crate::cancel::{outside_of_scopes, report_lost, report_panic, resume_or_report};
use crate::observe;
use crate::protocol::handed_over::{Handed, HandedOver};
use crate::protocol::{AsyncExit, Handoff};
use crate::util::panic::{self, Payload};

/// Abandons a resource. During a panic, a second panic is reported: it would abort the process.
#[cold]
pub(crate) fn abandon<R: AsyncExit>(resource: R) {
    let mut panics = Panics::of(type_name::<R>());
    // The user's code and the reaper find no scope here.
    outside_of_scopes(|| abandon_and_pass_on(resource, &mut panics));
    panics.end();
}

/// Abandons a resource, and passes its exit and those of its body on, whatever panics.
fn abandon_and_pass_on<R: AsyncExit>(resource: R, panics: &mut Panics) {
    let inner = levels::take_inner();
    panics.keep(|| observe::abandoned(type_name::<R>()));
    let mut handed = Handed::Nothing;
    let abandoned = panics.keep(|| {
        let handoff = Handoff::new(type_name::<R>(), &mut handed, installed::has_reaper);
        resource.abandon(handoff);
    });
    let own = match handed {
        Handed::Over(exit) => exit,
        Handed::Nothing if abandoned.is_none() => {
            report_lost(type_name::<R>());
            None
        }
        Handed::Nothing | Handed::Lost => None,
    };
    pass_on(own, inner, panics);
}

/// Keeps the exit of a resource, behind those of its body, for the body around, or gives it to the
/// reaper.
fn pass_on(own: Option<HandedOver>, inner: Vec<HandedOver>, panics: &mut Panics) {
    // An exit that no reaper takes is dropped here, and reports its loss. Those that would run
    // before it are not lost with it.
    let own = panics.keep(|| own.filter(installed::takes)).flatten();
    let exits = match own {
        Some(own) => std::vec![own.after(inner)],
        None => inner,
    };
    for exit in exits {
        panics.keep(|| {
            if let Some(exit) = levels::keep(exit) {
                installed::submit(exit);
            }
        });
    }
}

/// Hands over an exit or an enter that is dropped while it runs. It goes into its level, as the
/// exit of a resource that is abandoned does.
#[cold]
pub(crate) fn go_on(resource: &'static str, exit: impl FnOnce() -> HandedOver) {
    let mut panics = Panics::of(resource);
    outside_of_scopes(|| {
        let inner = levels::take_inner();
        let own = panics.keep(exit);
        pass_on(own, inner, &mut panics);
    });
    panics.end();
}

/// The panics while a resource is abandoned, each of which keeps nothing else from being done.
struct Panics {
    resource: &'static str,
    first: Option<Payload>,
}

impl Panics {
    const fn of(resource: &'static str) -> Self {
        Panics {
            resource,
            first: None,
        }
    }

    /// Runs `f`, and gives nothing if it panics. The first panic is kept, and others are reported.
    fn keep<T>(&mut self, f: impl FnOnce() -> T) -> Option<T> {
        match panic::catch(f) {
            Ok(value) => return Some(value),
            Err(payload) if self.first.is_none() => self.first = Some(payload),
            Err(payload) => report_panic(self.resource, payload),
        }
        None
    }

    /// Resumes the first panic. While another one unwinds, it is reported.
    fn end(self) {
        if let Some(payload) = self.first {
            resume_or_report(self.resource, payload);
        }
    }
}

//! The probe of `forwith`, which records the phases of resources.

use std::sync::{Once, OnceLock};

use forwith::observe::{self, Phase, ResourceName};
use forwith_timeline::{self as timeline, EventKind, Label};

/// The path of the type that is left out of timelines, up to its parameters.
static LEFT_OUT: OnceLock<&'static str> = OnceLock::new();

/// Leaves the resource inside an operation out of timelines: no user has entered it.
///
/// `type_name` is that of a generic type, with any parameters. There is one such type, which
/// introduces itself before it is entered: this file lies below it.
pub(crate) fn leave_out(type_name: fn() -> &'static str) {
    LEFT_OUT.get_or_init(|| {
        let name = type_name();
        let path = name.find('<').map(|parameters| &name[..=parameters]);
        path.expect("the type is generic")
    });
}

fn is_left_out(resource: ResourceName) -> bool {
    let left_out = LEFT_OUT.get();
    left_out.is_some_and(|path| resource.type_name().contains(path))
}

/// Adds the probe, once. Called before anything is recorded.
pub(crate) fn install() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| observe::add_probe(record));
}

/// Records a phase in the lane of the thread, if it is in one.
fn record(phase: Phase, resource: ResourceName) {
    if timeline::is_recorded() && !is_left_out(resource) {
        timeline::record(|| event(phase, resource.to_string().into()));
    }
}

fn event(phase: Phase, resource: Label) -> EventKind {
    match phase {
        Phase::Entering => EventKind::Entering(resource),
        Phase::Entered => EventKind::Entered(resource),
        Phase::NotEntered => EventKind::NotEntered(resource),
        Phase::Exiting => EventKind::Exiting(resource),
        Phase::Exited => EventKind::Exited(resource),
        Phase::Abandoned | Phase::Cut | Phase::Outlives => EventKind::Abandoned(resource),
        _ => EventKind::Note(format!("{phase:?} {resource}").into()),
    }
}

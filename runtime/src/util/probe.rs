//! The probe of `forwith`, which records the phases of resources.

use std::sync::Once;

use forwith::observe::{self, Phase, ResourceName};
use forwith_timeline::{self as timeline, EventKind, Label};

/// The resource inside [`gather`](crate::gather()), which is not recorded.
const GATHER: &str = "forwith_runtime::gather::Children<";

/// Adds the probe, once. Called before anything is recorded.
pub(crate) fn install() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| observe::add_probe(record));
}

/// Records a phase in the lane of the thread, if it is in one.
fn record(phase: Phase, resource: ResourceName) {
    if timeline::is_recorded() && !resource.type_name().contains(GATHER) {
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
        Phase::Abandoned | Phase::Cut => EventKind::Abandoned(resource),
        _ => EventKind::Note(format!("{phase:?} {resource}").into()),
    }
}

//! Abandoning without the standard library: there is no reaper to take an exit.

use core::any::type_name;

use crate::protocol::{AsyncExit, Handoff};

/// Abandons a resource.
#[cold]
pub(crate) fn abandon<R: AsyncExit>(resource: R) {
    resource.abandon(Handoff::new(type_name::<R>()));
}

/// A level that keeps no order, because no exit is handed over.
pub(crate) struct OpenLevel(());

pub(crate) const fn open_level() -> OpenLevel {
    OpenLevel(())
}

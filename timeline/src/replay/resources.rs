//! The resources that a task holds, each on a level of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::stretch::{Doing, Holding, Phase, Point, Stretch};
use crate::event::{EventKind, Label, TaskId};

/// The resources that a task holds. Finding one by name takes logarithmic time.
pub(super) struct HeldResources<P> {
    by_level: BTreeMap<usize, HeldResource<P>>,
    /// The levels of the resources of each name.
    levels: BTreeMap<Label, BTreeSet<usize>>,
    /// The levels below the highest that are free. They are used again.
    free: BTreeSet<usize>,
}

pub(super) struct HeldResource<P> {
    pub(super) resource: Label,
    pub(super) phase: Phase,
    pub(super) since: Point<P>,
}

impl<P> HeldResources<P> {
    pub(super) fn new() -> Self {
        HeldResources {
            by_level: BTreeMap::new(),
            levels: BTreeMap::new(),
            free: BTreeSet::new(),
        }
    }

    /// Returns the level of the innermost resource of this name that the event can be about, or
    /// else a free level.
    pub(super) fn level_of(&self, resource: &Label, kind: &EventKind) -> usize {
        let may_be = |level: &&usize| {
            let phase = self.by_level[*level].phase;
            match kind {
                EventKind::Entering(_) => false,
                EventKind::Entered(_) | EventKind::NotEntered(_) => phase == Phase::Entering,
                EventKind::Exiting(_) => phase != Phase::Exiting,
                _ => true,
            }
        };
        let levels = self.levels.get(resource);
        let found = levels.and_then(|levels| levels.iter().rev().find(may_be));
        let found = found.or(self.free.first());
        found.copied().unwrap_or(self.by_level.len())
    }

    pub(super) fn take(&mut self, level: usize) -> Option<HeldResource<P>> {
        let held = self.by_level.remove(&level)?;
        self.free.insert(level);
        if let Some(levels) = self.levels.get_mut(&held.resource) {
            levels.remove(&level);
            if levels.is_empty() {
                self.levels.remove(&held.resource);
            }
        }
        Some(held)
    }

    pub(super) fn put(&mut self, level: usize, held: HeldResource<P>) {
        self.free.remove(&level);
        let levels = self.levels.entry(held.resource.clone());
        levels.or_default().insert(level);
        self.by_level.insert(level, held);
    }

    /// Gives the resources from the lowest level to the highest.
    pub(super) fn into_levels(self) -> impl Iterator<Item = (usize, HeldResource<P>)> {
        self.by_level.into_iter()
    }
}

impl<P> HeldResource<P> {
    /// The stretch of the phase that ends now.
    pub(super) fn stretch(self, task: TaskId, level: usize, now: Point<P>) -> Stretch<P> {
        Stretch {
            task,
            from: self.since,
            to: now,
            doing: Doing::Holds(Holding {
                resource: self.resource,
                level,
                phase: self.phase,
            }),
        }
    }
}

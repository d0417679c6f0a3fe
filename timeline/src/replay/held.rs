//! The resources that a task has to do with, each on a level of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::stretch::{Doing, Holding, Phase, Point, Stretch};
use crate::event::{EventKind, Label, TaskId};

/// Finds them by name, however many there are.
pub(super) struct HeldResources<P> {
    by_level: BTreeMap<usize, Held<P>>,
    /// The levels of those of one name.
    levels: BTreeMap<Label, BTreeSet<usize>>,
    /// The levels below the highest that nobody has: they are used again.
    free: BTreeSet<usize>,
}

pub(super) struct Held<P> {
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

    /// The level of the innermost resource of this name, as far as it can be what the event is about; or else a free one.
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

    pub(super) fn take(&mut self, level: usize) -> Option<Held<P>> {
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

    pub(super) fn put(&mut self, level: usize, held: Held<P>) {
        self.free.remove(&level);
        let levels = self.levels.entry(held.resource.clone());
        levels.or_default().insert(level);
        self.by_level.insert(level, held);
    }

    /// From the lowest level to the highest.
    pub(super) fn into_levels(self) -> impl Iterator<Item = (usize, Held<P>)> {
        self.by_level.into_iter()
    }
}

impl<P> Held<P> {
    pub(super) fn stretch(self, task: TaskId, level: usize, to: Point<P>) -> Stretch<P> {
        Stretch {
            task,
            from: self.since,
            to,
            doing: Doing::Holds(Holding {
                resource: self.resource,
                level,
                phase: self.phase,
            }),
        }
    }
}

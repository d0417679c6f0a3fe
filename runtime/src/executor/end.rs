//! The end of a run: what is left is cancelled, and its exits are awaited.

use std::rc::{Rc, Weak};
use std::time::Duration;

use forwith::reaper::{Guard, LocalAbandoned, LocalReaper};

use super::Core;
use super::slot::{MAIN, Slot};
use super::spawn::spawn_exit;
use crate::time::TimerKey;

impl Core {
    /// Runs until every task has ended. What is left is cancelled, all of it at once; what its exits spawn runs on until
    /// the others have ended, and then is what is left; and so on. It breaks off when the grace is over.
    pub(super) fn end(&self, grace: Option<Duration>) {
        let grace = grace.map(|grace| Grace::begin(self, grace));
        let is_over = || grace.as_ref().is_some_and(|grace| grace.is_over(self));
        while !is_over() && self.cancel_tasks() {
            self.run_until(|slot| {
                if slot.index == MAIN {
                    return is_over().then_some(());
                }
                self.run_task(slot);
                (self.awaited.get() == 0).then_some(())
            });
        }
        if let Some(grace) = grace {
            self.time.cancel(grace.alarm);
        }
    }

    /// Takes no exits any more, and drops what is left.
    pub(super) fn close(&self) {
        self.is_closed.set(true);
        self.drop_tasks();
    }

    /// Cancels what is left, in the order of spawning, and says whether anything is. Exits that were handed over end
    /// by themselves, and are awaited with the others.
    fn cancel_tasks(&self) -> bool {
        let left = self.tasks();
        for slot in left.iter().filter(|slot| !slot.awaited.get()) {
            let task = slot.task.borrow().clone();
            if let Some(task) = task {
                task.cancel();
            }
            self.wait_for(slot);
        }
        !left.is_empty()
    }

    /// Lets the end wait for the task in this slot before it cancels anything more.
    pub(super) fn wait_for(&self, slot: &Slot) {
        slot.awaited.set(true);
        self.awaited.set(self.awaited.get() + 1);
    }

    /// Drops every task, in the order in which they were spawned, and those that their destructors spawn.
    fn drop_tasks(&self) {
        loop {
            let left = self.tasks();
            if left.is_empty() {
                return;
            }
            for slot in left {
                self.drop_task(&slot);
            }
        }
    }

    /// The slots with tasks, in the order in which those were spawned.
    fn tasks(&self) -> Vec<Rc<Slot>> {
        let slots = self.slots.borrow();
        let taken = slots.iter().filter(|slot| slot.task.borrow().is_some());
        let mut taken: Vec<_> = taken.cloned().collect();
        taken.sort_by_key(|slot| slot.id.get());
        taken
    }

    fn drop_task(&self, slot: &Rc<Slot>) {
        let task = slot.task.borrow().clone();
        if let Some(task) = task {
            task.abort();
        }
        self.vacate(slot);
    }

    /// Lets this run take the exits that are handed over on this thread, unless it is closed: then they are for whoever
    /// is in charge around it.
    pub(super) fn enter_reaper(&self) -> Option<Guard> {
        (!self.is_closed.get()).then(|| self.reaper.enter())
    }
}

/// A reaper that runs exits as tasks of this executor.
pub(super) fn reaper(core: Weak<Core>) -> LocalReaper {
    LocalReaper::new(move |exit: LocalAbandoned| {
        if let Some(core) = core.upgrade() {
            spawn_exit(&core, exit);
        }
    })
}

/// How long the end may take.
struct Grace {
    deadline: Duration,
    /// Wakes the slot of the main future, in which nobody sits any more.
    alarm: TimerKey,
}

impl Grace {
    fn begin(core: &Core, grace: Duration) -> Self {
        let deadline = core.time.now().saturating_add(grace);
        let waker = core.slots.borrow()[MAIN].waker.clone();
        Grace {
            deadline,
            alarm: core.time.arm(deadline, waker, None),
        }
    }

    fn is_over(&self, core: &Core) -> bool {
        core.time.now() >= self.deadline
    }
}

//! The end of a run: what is left is cancelled, and its exits are awaited.

use std::rc::Weak;
use std::task::Waker;
use std::time::Duration;

use forwith::reaper::{Guard, LocalAbandoned, LocalReaper};

use super::Core;
use super::spawn::spawn_exit;
use super::task::{Header, TaskRef};
use crate::time::TimerKey;

impl Core {
    /// Runs until every task has ended. What is left is cancelled, all of it at once; what its exits spawn runs on until
    /// the others have ended, and then is what is left; and so on. It breaks off when the grace is over.
    pub(super) fn end(&self, grace: Option<Duration>) {
        let grace = grace.map(|grace| Grace::begin(self, grace));
        let is_over = || grace.as_ref().is_some_and(|grace| grace.is_over(self));
        while !is_over() && self.cancel_tasks() {
            let alarm = || {
                self.arena.main().0.main_leaves_queue();
                is_over().then_some(())
            };
            self.run_until(alarm, || (self.awaited.get() == 0).then_some(()));
        }
        if let Some(grace) = grace {
            drop(self.time.cancel(grace.alarm));
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
        let left = self.arena.live();
        for task in &left {
            // One that is cancelled may have dropped those that come later.
            if let Some(header) = task.live().filter(|header| !header.is_awaited()) {
                self.wait_for(header);
                task.cancel();
            }
        }
        !left.is_empty()
    }

    /// Lets the end wait for a task that lives before it cancels anything more.
    pub(super) fn wait_for(&self, task: &Header) {
        task.is_to_be_awaited();
        self.awaited.set(self.awaited.get() + 1);
    }

    /// Drops every task, in the order in which they were spawned, and those that their destructors spawn.
    fn drop_tasks(&self) {
        loop {
            let left = self.arena.live();
            if left.is_empty() {
                return;
            }
            left.iter().for_each(TaskRef::abort);
        }
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
    /// Wakes the main future, which is over.
    alarm: TimerKey,
}

impl Grace {
    fn begin(core: &Core, grace: Duration) -> Self {
        let deadline = core.time.now().saturating_add(grace);
        let (_, waker) = core.arena.main();
        Grace {
            deadline,
            alarm: core.time.arm_labelled(deadline, Waker::clone(&waker), None),
        }
    }

    fn is_over(&self, core: &Core) -> bool {
        core.time.now() >= self.deadline
    }
}

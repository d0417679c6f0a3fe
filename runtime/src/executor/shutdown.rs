//! The end of a run: the remaining tasks are cancelled, and their exits awaited.

use std::task::Waker;
use std::time::Duration;

use super::raw::BorrowedWaker;
use super::run::Run;
use super::task::TaskRef;
use crate::clocks::TimerKey;

impl Run {
    /// Runs until every task is over, or the grace.
    ///
    /// All remaining tasks are cancelled at once. What their exits spawn runs on until they are
    /// over, and is cancelled then; and so on, until nothing remains.
    pub(super) fn cancel_and_await_tasks(&self, grace: Option<Duration>) {
        let grace = grace.map(|grace| Grace::begin(self, grace));
        let is_over = || grace.as_ref().is_some_and(|grace| grace.is_over(self));
        while !is_over() && self.cancel_tasks() {
            let alarm = || {
                self.arena.main().transition_main_to_polled();
                is_over().then_some(())
            };
            self.run_until(alarm, || (!self.arena.awaits_tasks()).then_some(()));
        }
        if let Some(grace) = grace {
            drop(self.time.cancel(grace.alarm));
        }
    }

    /// Cancels the remaining tasks, in the order of spawning; returns whether any task remains.
    /// Exits that were handed over are not cancelled, but awaited with the others.
    fn cancel_tasks(&self) -> bool {
        let tasks = self.remaining_tasks();
        for task in &tasks {
            // Cancelling one may have dropped those that come later.
            if let Some(block) = task.live().filter(|block| !block.is_awaited()) {
                self.arena.begin_awaiting(block);
                task.cancel();
            }
        }
        !tasks.is_empty()
    }

    /// Drops every task in the order of spawning, and what their destructors spawn.
    pub(super) fn drop_tasks(&self) {
        loop {
            let tasks = self.remaining_tasks();
            if tasks.is_empty() {
                return;
            }
            tasks.iter().for_each(TaskRef::abort);
        }
    }

    fn remaining_tasks(&self) -> Vec<TaskRef> {
        let tasks = self.arena.live().into_iter();
        tasks.map(|task| TaskRef::new(&self.arena, task)).collect()
    }
}

/// How long the end of a run may take.
struct Grace {
    deadline: Duration,
    /// Wakes the main future, which is over.
    alarm: TimerKey,
}

impl Grace {
    fn begin(run: &Run, grace: Duration) -> Self {
        let deadline = run.time.now().saturating_add(grace);
        let waker = Waker::clone(&BorrowedWaker::new(run.arena.main()));
        Grace {
            deadline,
            alarm: run.time.arm_labelled(deadline, waker, None),
        }
    }

    fn is_over(&self, run: &Run) -> bool {
        run.time.now() >= self.deadline
    }
}

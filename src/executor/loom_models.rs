//! Models of what task groups, and deadlines, share on several threads; see those of cancellation.

use core::future::{Future, Pending, pending};
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::sync::Arc;

use loom::future::block_on;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::{model, thread};

use super::deadline::{Deadline, Timer};
use super::group::{Group, GroupTask, Membership};
use crate::cancel::CancelToken;
use crate::cancel::loom_models::{Bell, model_of_three, poll_once};
use crate::{Outcome, report};

type Error = &'static str;
type TestGroup = Group<Error, CancelToken>;

fn group() -> TestGroup {
    Group::new(CancelToken::new())
}

fn begin(group: &TestGroup) -> (Membership<u8, Error, CancelToken>, GroupTask<u8>) {
    group.begin()
}

#[test]
fn exit_awaits_the_last_task() {
    model_of_three(|| {
        let group = group();
        let tasks = [begin(&group).0, begin(&group).0];
        let tasks = tasks.map(|task| thread::spawn(move || drop(task)));
        assert_eq!(block_on(group.exit(Outcome::Completed)), Ok(()));
        assert!(group.is_closed());
        for task in tasks {
            task.join().unwrap();
        }
    });
}

#[test]
fn exit_gives_one_of_two_failures() {
    report::set_hook(|_| {}); // the other one
    model_of_three(|| {
        let group = group();
        let tasks = ["a", "b"].map(|name| {
            let (task, _) = begin(&group);
            thread::spawn(move || task.fail::<TestGroup>(name))
        });
        assert!(block_on(group.exit(Outcome::Completed)).is_err());
        assert!(group.tasks().is_cancelled());
        for task in tasks {
            task.join().unwrap();
        }
    });
}

#[test]
fn value_reaches_whoever_awaits_it() {
    model(|| {
        let group = group();
        let (task, value) = begin(&group);
        let task = thread::spawn(move || assert_eq!(task.give(7), Ok(())));
        assert_eq!(block_on(value), Some(7));
        task.join().unwrap();
    });
}

#[test]
fn unwanted_value_comes_back() {
    model(|| {
        let group = group();
        let value = Arc::new(());
        let (task, unwanted) = group.begin();
        let task = thread::spawn({
            let value = value.clone();
            move || {
                let task: Membership<_, Error, CancelToken> = task;
                drop(task.give(value));
            }
        });
        drop(unwanted);
        task.join().unwrap();
        assert_eq!(Arc::strong_count(&value), 1);
    });
}

#[test]
fn no_task_works_behind_the_exit() {
    model(|| {
        let (group, working) = (group(), Arc::new(AtomicUsize::new(0)));
        let late = thread::spawn({
            let (group, working) = (group.clone(), working.clone());
            move || {
                let (task, _) = begin(&group);
                if !group.is_closed() {
                    working.fetch_add(1, Ordering::AcqRel);
                    working.fetch_sub(1, Ordering::AcqRel);
                }
                drop(task);
            }
        });
        assert_eq!(block_on(group.exit(Outcome::Completed)), Ok(()));
        assert_eq!(working.load(Ordering::Acquire), 0);
        late.join().unwrap();
        assert_eq!(working.load(Ordering::Acquire), 0);
    });
}

/// A timer of a clock that stands still at one o'clock.
struct StandStill(Pending<()>);

impl Future for StandStill {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl Timer for StandStill {
    type Instant = u64;

    fn now() -> u64 {
        1
    }

    fn until(_instant: u64) -> Self {
        StandStill(pending())
    }

    fn move_to(self: Pin<&mut Self>, _instant: u64) {}

    fn checked_add(instant: u64, duration: Duration) -> Option<u64> {
        instant.checked_add(duration.as_secs())
    }

    fn saturating_since(later: u64, earlier: u64) -> Duration {
        Duration::from_secs(later.saturating_sub(earlier))
    }
}

type TestDeadline = Deadline<StandStill>;

#[test]
fn waiter_hears_of_a_deadline_that_is_moved() {
    for deadline in [TestDeadline::never, || TestDeadline::at(9)] {
        model(move || {
            let deadline = deadline();
            let mover = thread::spawn({
                let deadline = deadline.clone();
                move || {
                    deadline.set(5);
                    deadline.set(1);
                }
            });
            block_on(deadline.passed());
            assert!(deadline.has_passed());
            mover.join().unwrap();
        });
    }
}

#[test]
fn all_waiters_hear_of_a_deadline_that_is_moved() {
    model_of_three(|| {
        let deadline = TestDeadline::at(9);
        let other = thread::spawn({
            let deadline = deadline.clone();
            move || block_on(deadline.passed())
        });
        let mover = thread::spawn({
            let deadline = deadline.clone();
            move || deadline.set(1)
        });
        block_on(deadline.passed());
        other.join().unwrap();
        mover.join().unwrap();
    });
}

#[test]
fn two_extensions_add_up() {
    model(|| {
        let deadline = TestDeadline::at(0);
        let other = thread::spawn({
            let deadline = deadline.clone();
            move || deadline.extend_by(Duration::from_secs(2))
        });
        deadline.extend_by(Duration::from_secs(3));
        other.join().unwrap();
        assert_eq!(deadline.get(), Some(5));
    });
}

#[test]
fn dropped_waiter_of_a_deadline_leaves_no_waker() {
    model(|| {
        let (deadline, bell) = (TestDeadline::at(9), Arc::new(Bell::default()));
        let polled = thread::spawn({
            let (mut waiting, bell) = (deadline.passed(), bell.clone());
            move || poll_once(&mut waiting, &bell)
        });
        deadline.set(1);
        let polled = polled.join().unwrap();
        assert!(bell.rings() <= usize::from(polled.is_pending()));
        assert_eq!(Arc::strong_count(&bell), 1, "nobody holds a waker");
    });
}

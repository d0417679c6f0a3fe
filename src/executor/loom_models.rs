//! Models of what task groups, and deadlines, share on several threads; see those of cancellation.

use core::future::{Future, Pending, pending, poll_fn};
use core::pin::{Pin, pin};
use core::task::{Context, Poll};
use core::time::Duration;
use std::boxed::Box;
use std::sync::Arc;

use loom::future::block_on;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::{model, thread};

use super::deadline::{Deadline, Timer};
use super::group::{Group, GroupTask, Membership, TaskError, TaskStatus};
use crate::cancel::loom_models::{Bell, model_of_three, poll_once};
use crate::cancel::{CancelToken, scope};
use crate::{Outcome, report};

type Error = &'static str;
type TestGroup = Group<Error>;

fn begin(group: &TestGroup) -> (Membership<u8, Error>, GroupTask<u8, Error>) {
    group.begin().expect("the group is open")
}

#[test]
fn exit_awaits_the_last_task() {
    model_of_three(|| {
        let group = TestGroup::new();
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
        let group = TestGroup::new();
        let (stop, failed) = (group.body_stop().unwrap(), group.failed());
        let tasks = ["a", "b"].map(|name| (begin(&group).0, name));
        let tasks = tasks.map(|(task, name)| thread::spawn(move || task.fail::<TestGroup>(name)));
        assert!(block_on(group.exit(Outcome::Completed)).is_err());
        assert!(stop.is_cancelled());
        block_on(failed);
        for task in tasks {
            task.join().unwrap();
        }
    });
}

/// The body is woken. It finds the other task cancelled, and the failure at the exit.
#[test]
fn failure_stops_the_body_and_the_other_task() {
    model(|| {
        let group = TestGroup::new();
        let ((failing, _), (other, _)) = (begin(&group), begin(&group));
        let failing = thread::spawn(move || failing.fail::<TestGroup>("a"));
        block_on(group.body_stop().unwrap().cancelled());
        assert!(other.stop().is_cancelled());
        drop(other);
        assert_eq!(block_on(group.exit(Outcome::Cancelled)), Err("a"));
        failing.join().unwrap();
    });
}

#[test]
fn value_reaches_whoever_awaits_it() {
    model(|| {
        let group = TestGroup::new();
        let (task, value) = begin(&group);
        let task = thread::spawn(move || assert_eq!(task.give(7), Ok(())));
        assert_eq!(block_on(value), Some(7));
        task.join().unwrap();
    });
}

#[test]
fn unwanted_value_comes_back() {
    model(|| {
        let group = TestGroup::new();
        let value = Arc::new(());
        let (task, unwanted) = group.begin().unwrap();
        let task = thread::spawn({
            let value = value.clone();
            move || {
                drop(task.give(value));
            }
        });
        drop(unwanted);
        task.join().unwrap();
        assert_eq!(Arc::strong_count(&value), 1);
    });
}

/// The error goes to whoever joins the task, and nobody holds one that nobody joins.
#[test]
fn failure_of_a_supervisors_task_is_given_once() {
    report::set_hook(|_| {}); // the one that nobody joins
    model(|| {
        let group = Group::<Arc<()>>::supervisor();
        let errors = [Arc::new(()), Arc::new(())];
        let (joined, value) = group.begin::<u8>().unwrap();
        let (dropped, unwanted) = group.begin::<u8>().unwrap();
        let failing = thread::spawn({
            let [first, second] = errors.clone();
            move || {
                dropped.fail::<TestGroup>(first);
                joined.fail::<TestGroup>(second);
            }
        });
        drop(unwanted);
        let TaskError::Failed(error) = block_on(value.join()).unwrap_err() else {
            unreachable!("the task has failed")
        };
        failing.join().unwrap();
        assert!(Arc::ptr_eq(&error, &errors[1]));
        assert_eq!(errors.each_ref().map(Arc::strong_count), [1, 2]);
        assert_eq!(block_on(group.exit(Outcome::Completed)), Ok(()));
    });
}

#[test]
fn task_that_is_cancelled_by_its_handle_ends() {
    model(|| {
        let group = TestGroup::new();
        let (task, handle) = begin(&group);
        let task = thread::spawn(move || block_on(task.stop().cancelled()));
        handle.cancel();
        assert_eq!(block_on(group.exit(Outcome::Completed)), Ok(()));
        assert_eq!(handle.status(), TaskStatus::Cancelled);
        task.join().unwrap();
    });
}

#[test]
fn no_task_works_behind_the_exit() {
    model(|| {
        let (group, working) = (TestGroup::new(), Arc::new(AtomicUsize::new(0)));
        let late = thread::spawn({
            let (group, working) = (group.clone(), working.clone());
            move || {
                let task: Option<(Membership<u8, _>, _)> = group.begin();
                if task.is_some() {
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

/// A task that begins while the group is cancelled is cancelled, too, or does not begin.
#[test]
fn no_task_escapes_the_cancellation() {
    model(|| {
        let group = TestGroup::new();
        let spawning = thread::spawn({
            let group = group.clone();
            move || {
                if let Some((task, _)) = group.begin::<u8>() {
                    block_on(task.stop().cancelled());
                }
            }
        });
        group.cancel();
        assert_eq!(block_on(group.exit(Outcome::Cancelled)), Ok(()));
        spawning.join().unwrap();
    });
}

/// The scope around is cancelled while its future is not polled.
#[test]
fn scope_around_cancels_the_task() {
    model(|| {
        let (group, stop) = (TestGroup::new(), CancelToken::new());
        let (task, _) = begin(&group);
        let task = thread::spawn(move || block_on(task.stop().cancelled()));
        let work = async {
            group.enter();
            poll_fn(|_| {
                stop.cancel();
                Poll::Ready(())
            })
            .await;
            pending::<()>().await;
        };
        assert!(block_on(scope(pin!(work), &stop)).is_err());
        assert_eq!(block_on(group.exit(Outcome::Cancelled)), Ok(()));
        task.join().unwrap();
    });
}

/// A group that is gone is not held by the scope that it was entered in.
#[test]
fn group_that_has_exited_listens_no_more() {
    model(|| {
        let (stop, bell) = (CancelToken::new(), Arc::new(Bell::default()));
        let canceller = thread::spawn({
            let stop = stop.clone();
            move || stop.cancel()
        });
        let work = async {
            let group = TestGroup::new();
            group.enter();
            drop(begin(&group));
            assert_eq!(group.exit(Outcome::Completed).await, Ok(()));
        };
        let mut scoped = Box::pin(scope(work, &stop));
        assert!(poll_once(&mut scoped, &bell).is_ready());
        canceller.join().unwrap();
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

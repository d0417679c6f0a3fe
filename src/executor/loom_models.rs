//! Models of what a task group and its tasks share on several threads; see those of cancellation.

use std::sync::Arc;

use loom::future::block_on;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::{model, thread};

use super::group::{Group, GroupTask, Membership};
use crate::cancel::CancelToken;
use crate::cancel::loom_models::model_of_three;
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

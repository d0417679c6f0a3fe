//! Resources are recorded without any mark of their authors.

use std::convert::Infallible;
use std::future::{pending, ready};
use std::sync::Mutex;

use forwith::observe::{Phase, add_probe};
use forwith::{AsyncExit, ExitStack, Handoff, Outcome, async_with};
use forwith_runtime::by_hand::{Coroutine, Reply};
use forwith_runtime::timeline::{EventKind, note};
use forwith_runtime::{
    Executor, TaskGroup, Timeline, block_on, gather, sleep, spawn, spawn_named, timeout, yield_now,
};

use crate::common::{millis, secs};

struct Door;

async fn open() -> Result<Door, &'static str> {
    sleep(secs(1)).await;
    Ok(Door)
}

impl AsyncExit for Door {
    type Error = &'static str;

    async fn exit(self, _outcome: Outcome<'_>) -> Result<(), &'static str> {
        sleep(secs(1)).await;
        Ok(())
    }

    fn abandon(self, handoff: Handoff<'_>) {
        handoff.run(self.exit(Outcome::Cancelled));
    }
}

fn record(future: impl Future<Output = ()>) -> Timeline {
    let timeline = Timeline::new();
    let executor = Executor::with_virtual_clock();
    executor.record(&timeline).block_on(future);
    timeline
}

/// The steps of resources and the notes: second, task, and what happened.
fn marks(timeline: &Timeline) -> Vec<String> {
    let events = timeline.events().into_iter();
    let marks = events.filter_map(|event| {
        let what = match event.kind {
            EventKind::Entering(name) => format!("entering {name}"),
            EventKind::Entered(name) => format!("entered {name}"),
            EventKind::NotEntered(name) => format!("did not enter {name}"),
            EventKind::Exiting(name) => format!("exiting {name}"),
            EventKind::Exited(name) => format!("exited {name}"),
            EventKind::Abandoned(name) => format!("abandoned {name}"),
            EventKind::Note(text) => text.into_owned(),
            _ => return None,
        };
        Some(format!("{}s {}: {what}", event.at.as_secs(), event.task))
    });
    marks.collect()
}

#[test]
fn an_enter_and_an_exit_are_recorded() {
    let timeline = record(async {
        async_with!(open(), { note("inside") }).unwrap();
    });
    let expected = [
        "0s main: entering Door",
        "1s main: entered Door",
        "1s main: inside",
        "1s main: exiting Door",
        "2s main: exited Door",
    ];
    assert_eq!(marks(&timeline), expected);
}

#[test]
fn a_failed_enter_is_recorded() {
    let timeline = record(async {
        let locked = ready(Err::<Door, _>("locked"));
        async_with!(locked, {}).unwrap_err();
    });
    let expected = ["0s main: entering Door", "0s main: did not enter Door"];
    assert_eq!(marks(&timeline), expected);
}

#[test]
fn a_stack_and_its_entries_are_recorded() {
    let timeline = record(async {
        async_with!(ExitStack::new() as stack, {
            stack.enter(open()).await.unwrap();
        })
        .unwrap();
    });
    let expected = [
        "0s main: entering ExitStack<Door>",
        "0s main: entered ExitStack<Door>",
        "0s main: entering Door",
        "1s main: entered Door",
        "1s main: exiting ExitStack<Door>",
        "1s main: exiting Door",
        "2s main: exited Door",
        "2s main: exited ExitStack<Door>",
    ];
    assert_eq!(marks(&timeline), expected);
}

/// The executor is the reaper, and runs the exit as a task.
#[test]
fn an_abandoned_resource_is_recorded() {
    let timeline = record(async {
        let task = spawn(async { async_with!(open(), { pending::<()>().await }) });
        sleep(secs(5)).await;
        task.abort();
        sleep(secs(5)).await;
    });
    let expected = [
        "0s task 1: entering Door",
        "1s task 1: entered Door",
        "5s task 1: abandoned Door",
        "5s task 2: exiting Door",
        "6s task 2: exited Door",
    ];
    assert_eq!(marks(&timeline), expected);
}

#[test]
fn a_cut_exit_is_recorded() {
    let timeline = record(async {
        let task = spawn(async { async_with!(open(), {}) });
        sleep(millis(1_500)).await;
        task.abort();
        yield_now().await;
    });
    let expected = [
        "0s task 1: entering Door",
        "1s task 1: entered Door",
        "1s task 1: exiting Door",
        "1s task 1: abandoned Door",
    ];
    assert_eq!(marks(&timeline), expected);
}

#[test]
fn a_task_group_is_recorded_and_gather_is_not() {
    let timeline = record(async {
        let group = async_with!(TaskGroup::<Infallible>::new() as group, {
            group.spawn(async { Ok(()) });
        });
        group.unwrap();
        note("gathers");
        gather([sleep(secs(1)), sleep(secs(2))]).await;
    });
    let expected = [
        "0s main: entering TaskGroup<Infallible>",
        "0s main: entered TaskGroup<Infallible>",
        "0s main: exiting TaskGroup<Infallible>",
        "0s main: exited TaskGroup<Infallible>",
        "0s main: gathers",
    ];
    assert_eq!(marks(&timeline), expected);
}

#[test]
fn a_gather_that_is_cut_short_is_not_recorded() {
    let timeline = record(async {
        let tasks = || gather([sleep(secs(2)), sleep(secs(3))]);
        assert!(timeout(secs(1), tasks()).await.is_err());
        note("cancelled");
        let mut dropped = Box::pin(tasks());
        assert!(futures::poll!(&mut dropped).is_pending());
        drop(dropped);
        note("dropped");
    });
    assert_eq!(marks(&timeline), ["1s main: cancelled", "1s main: dropped"]);
}

#[test]
fn an_executor_that_is_not_recorded_hides_the_lane_around() {
    let timeline = record(async {
        block_on(async {
            note("hidden");
            async_with!(ready(Ok::<_, &str>(Door)), {}).unwrap();
        });
        note("shown");
    });
    assert_eq!(marks(&timeline), ["0s main: shown"]);
}

#[test]
fn a_coroutine_that_is_not_recorded_stays_in_the_lane_around() {
    let timeline = record(async {
        let stepping = spawn_named("stepping", async {
            let mut coroutine = Coroutine::new(async { note("inside") });
            coroutine.send(Reply::Granted).unwrap();
        });
        stepping.await.unwrap();
    });
    assert_eq!(marks(&timeline), ["0s task 1: inside"]);
}

#[test]
fn a_recorded_coroutine_has_a_lane_of_its_own() {
    let own = Timeline::new();
    let timeline = record(async {
        let coroutine = Coroutine::new(async { note("inside") });
        let mut coroutine = coroutine.record(&own, "coroutine");
        coroutine.send(Reply::Granted).unwrap();
        note("outside");
    });
    assert_eq!(marks(&timeline), ["0s main: outside"]);
    assert_eq!(marks(&own), ["0s task 1: inside"]);
}

#[test]
fn a_probe_of_the_program_keeps_timelines_as_they_are() {
    static TOLD: Mutex<Vec<Phase>> = Mutex::new(Vec::new());

    struct Hatch;

    impl AsyncExit for Hatch {
        type Error = Infallible;

        async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Infallible> {
            Ok(())
        }
    }

    let recorded = || {
        let timeline = record(async {
            async_with!(ready(Ok(Hatch)), {}).unwrap_or_else(|never| match never {});
        });
        marks(&timeline)
    };
    let before = recorded();
    assert_eq!(before.len(), 4, "{before:?}");
    add_probe(|phase, resource| {
        if resource.to_string() == "Hatch" {
            TOLD.lock().unwrap().push(phase);
        }
    });
    assert_eq!(recorded(), before);
    let told = [
        Phase::Entering,
        Phase::Entered,
        Phase::Exiting,
        Phase::Exited,
    ];
    assert_eq!(*TOLD.lock().unwrap(), told);
}

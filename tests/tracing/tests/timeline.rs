//! Timelines of tasks on tokio, recorded by the layer.

use std::future::{pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;

use forwith::{AsyncEnter, CancelToken, async_for, async_with, scope};
use forwith_timeline::{EventKind, TaskId, Timeline};
use forwith_tracing_tests::{Db, Ends, Tx, run, yield_once};
use futures::future::join_all;
use futures::stream;
use tracing::{Instrument, Span, info, info_span};
use tracing_subscriber::layer::SubscriberExt;

/// Records `f` on this thread.
fn record(f: impl FnOnce()) -> Timeline {
    let timeline = Timeline::new();
    let subscriber = tracing_subscriber::registry().with(timeline.layer());
    tracing::subscriber::with_default(subscriber, f);
    timeline
}

/// The events of a lane, in order.
fn lane(timeline: &Timeline, task: TaskId) -> Vec<String> {
    let events = timeline.events().into_iter();
    let of_task = events.filter(|event| event.task == task);
    of_task.map(|event| word(&event.kind)).collect()
}

fn word(kind: &EventKind) -> String {
    match kind {
        EventKind::Spawned { name } => format!("spawned {}", name.as_deref().unwrap()),
        EventKind::PollStarted => ">".into(),
        EventKind::PollEnded { .. } => "<".into(),
        EventKind::Waits { what, .. } => format!("waits: {}", what.as_deref().unwrap()),
        other => format!("{other:?}").replace('"', ""),
    }
}

/// The names and numbers of the tasks.
fn tasks(timeline: &Timeline) -> Vec<(String, TaskId)> {
    let events = timeline.events().into_iter();
    let spawned = events.filter_map(|event| match event.kind {
        EventKind::Spawned { name } => Some((name?.into_owned(), event.task)),
        _ => None,
    });
    spawned.collect()
}

/// The events of a lane without polls and waits, whose number depends on the executor.
fn marks(timeline: &Timeline, task: TaskId) -> Vec<String> {
    let mut words = lane(timeline, task);
    words.retain(|word| !matches!(word.as_str(), ">" | "<") && !word.starts_with("waits"));
    words
}

async fn write(n: u32) {
    async_with!(Db::new(), Tx::new(), {
        for _ in 0..n {
            tokio::task::yield_now().await;
        }
        info!("written by {n}");
    })
    .unwrap();
}

/// The one test on threads of tokio, because there is but one global subscriber.
#[test]
fn tasks_on_threads_have_lanes_of_their_own() {
    let timeline = Timeline::new();
    let subscriber = tracing_subscriber::registry().with(timeline.layer());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .build()
        .unwrap();
    runtime.block_on(async {
        let writers = (0..20).map(|n| tokio::spawn(write(n).instrument(info_span!("writer", n))));
        for ended in join_all(writers).await {
            ended.unwrap();
        }
    });
    let tasks = tasks(&timeline);
    assert_eq!(tasks.len(), 20);
    for (name, task) in tasks {
        let n = name.trim_start_matches("writer{n=").trim_end_matches('}');
        let expected = [
            &format!("spawned writer{{n={n}}}"),
            "Entering(Db)",
            "Entered(Db)",
            "Entering(Tx)",
            "Entered(Tx)",
            &format!("Note(written by {n})"),
            "Exiting(Tx)",
            "Exited(Tx)",
            "Exiting(Db)",
            "Exited(Db)",
            "Finished",
        ];
        assert_eq!(marks(&timeline, task), expected);
        let lane = lane(&timeline, task);
        let polls = lane.iter().filter(|word| *word == ">").count();
        assert_eq!(lane.iter().filter(|word| *word == "<").count(), polls);
        // Each enter and exit waits once, and `Instrumented` is polled once more by its drop.
        assert_eq!(polls, 4 + n.parse::<usize>().unwrap() + 2);
    }
}

#[test]
fn polls_waits_and_yields_are_recorded() {
    let timeline = record(|| {
        let work = async {
            async_with!(Db::new(), {
                async_for!(
                    #[yield_every(2)]
                    for _ in stream::iter(0..3) {}
                );
                yield_once().instrument(info_span!("lunch")).await;
                yield_once().await;
            })
            .unwrap();
        };
        run(work.instrument(info_span!("worker")));
    });
    let expected = [
        "spawned worker",
        ">",
        "Entering(Db)",
        "waits: enter Db",
        "<",
        ">",
        "Entered(Db)",
        "Woken",
        "<",
        ">",
        "waits: lunch",
        "<",
        ">",
        "waits: body Db",
        "<",
        ">",
        "Exiting(Db)",
        "waits: exit Db",
        "<",
        ">",
        "Exited(Db)",
        "<",
        ">", // dropped
        "<",
        "Finished",
    ];
    assert_eq!(lane(&timeline, tasks(&timeline)[0].1), expected);
}

#[test]
fn each_cancellation_is_marked_once() {
    let timeline = record(|| {
        let work = async {
            for _ in 0..2 {
                let stop = CancelToken::new();
                let waits = async {
                    async_with!(ready(Ok(Db::new())), ready(Ok(Tx::new())), {
                        stop.cancel();
                        pending::<()>().await;
                    })
                };
                scope(waits, &stop).await.unwrap_err();
            }
        };
        run(work.instrument(info_span!("worker")));
    });
    let once = [
        "Entering(Db)",
        "Entered(Db)",
        "Entering(Tx)",
        "Entered(Tx)",
        "Cancelling",
        "Exiting(Tx)",
        "Exited(Tx)",
        "Exiting(Db)",
        "Exited(Db)",
    ];
    let marks = marks(&timeline, tasks(&timeline)[0].1);
    assert_eq!(marks[1..10], once);
    assert_eq!(marks[10..19], once);
    assert_eq!(marks[19..], ["Finished"]);
}

#[test]
fn failures_are_notes() {
    let timeline = record(|| {
        let work = async {
            let refusing = Db {
                enter: Ends::Badly,
                ..Db::new()
            };
            async_with!(refusing, {}).unwrap_err();
            async_with!(ready(Ok(Db::exiting(Ends::Badly))), {}).unwrap_err();
            let never = async { async_with!(ready(Ok(Tx::exiting(Ends::Never))), {}) };
            futures::pin_mut!(never);
            assert!(futures::poll!(never).is_pending());
        };
        run(work.instrument(info_span!("worker")));
    });
    let expected = [
        "spawned worker",
        "Entering(Db)",
        "Note(failed: Refused)",
        "NotEntered(Db)",
        "Entering(Db)",
        "Entered(Db)",
        "Exiting(Db)",
        "Note(failed: Refused)",
        "Exited(Db)",
        "Entering(Tx)",
        "Entered(Tx)",
        "Exiting(Tx)",
        "Note(the exit of a resource was dropped half-way)",
        "Abandoned(Tx)",
        "Finished",
    ];
    assert_eq!(marks(&timeline, tasks(&timeline)[0].1), expected);
}

#[test]
fn panic_ends_a_lane() {
    let timeline = record(|| {
        let work = async {
            async_with!(ready(Ok(Db::new())), { panic!("oh") }).unwrap();
        };
        let work = work.instrument(info_span!("worker"));
        catch_unwind(AssertUnwindSafe(|| run(work))).unwrap_err();
    });
    let marks = marks(&timeline, tasks(&timeline)[0].1);
    let end = ["Exiting(Db)", "Exited(Db)", "Panicked"];
    assert_eq!(marks[marks.len() - 3..], end);
}

#[test]
fn phases_outside_of_spans_are_tasks() {
    let timeline = record(|| {
        run(async { async_with!(ready(Ok(Db::new())), {}) }).unwrap();
        info!("outside of all spans");
    });
    let names: Vec<_> = tasks(&timeline).into_iter().map(|task| task.0).collect();
    assert_eq!(names, ["enter Db", "body Db", "exit Db"]);
    assert_eq!(
        marks(&timeline, tasks(&timeline)[0].1),
        [
            "spawned enter Db",
            "Entering(Db)",
            "Entered(Db)",
            "Finished"
        ]
    );
}

#[test]
fn span_on_several_threads_is_one_poll() {
    let timeline = Timeline::new();
    let subscriber = tracing_subscriber::registry().with(timeline.layer());
    let dispatch = tracing::Dispatch::new(subscriber);
    let span = tracing::dispatcher::with_default(&dispatch, || info_span!("shared"));
    let barrier = Barrier::new(2);
    std::thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                let _entered = span.enter();
                barrier.wait();
            });
        }
    });
    drop(span);
    let expected = ["spawned shared", ">", "<", "Finished"];
    assert_eq!(lane(&timeline, tasks(&timeline)[0].1), expected);
}

#[test]
fn spans_may_be_exited_out_of_order() {
    let timeline = record(|| {
        let spans: [Span; 2] = [info_span!("a"), info_span!(parent: None, "b")];
        let [first, second] = spans.map(Span::entered);
        drop(first);
        info!("in b");
        drop(second);
    });
    let [a, b] = [0, 1].map(|n| lane(&timeline, tasks(&timeline)[n].1));
    assert_eq!(a, ["spawned a", ">", "<", "Finished"]);
    assert_eq!(b, ["spawned b", ">", "Note(in b)", "<", "Finished"]);
}

#[test]
fn two_timelines_share_a_registry() {
    let timelines = [Timeline::new(), Timeline::new()];
    let [first, second] = &timelines;
    let subscriber = tracing_subscriber::registry()
        .with(first.layer())
        .with(second.layer());
    tracing::subscriber::with_default(subscriber, || {
        run(async { async_with!(Db::new().enter(), {}) }).unwrap();
    });
    let [first, second] = timelines.map(|timeline| lane(&timeline, tasks(&timeline)[1].1));
    assert_eq!(first, second);
}

//! Traces, held against the rules of their format.

use std::collections::{BTreeMap, BTreeSet};

use crate::common::{millis, secs};
use forwith::async_with;
use forwith_runtime::mock::Database;
use forwith_runtime::timeline::EventKind;
use forwith_runtime::{
    Executor, Timeline, gather, sleep, spawn_named, timeline, timeout, yield_now,
};
use serde_json::Value;

fn record(executor: &Executor, future: impl Future<Output = ()>) -> Timeline {
    let timeline = Timeline::new();
    executor.clone().record(&timeline).block_on(future);
    timeline
}

/// The events of a trace that keeps the rules.
fn events(timeline: &Timeline) -> Vec<Value> {
    let trace: Value = serde_json::from_str(&timeline.chrome_trace().to_string()).expect("JSON");
    let events = trace["traceEvents"].as_array().expect("a list").clone();
    events.iter().for_each(keeps_the_rules);
    slices_follow_each_other(&events);
    tracks_are_closed(&events);
    arrows_have_two_ends(&events);
    threads_have_names(&events);
    events
}

fn text<'a>(event: &'a Value, key: &str) -> &'a str {
    event[key]
        .as_str()
        .unwrap_or_else(|| panic!("{key} of {event}"))
}

fn number(event: &Value, key: &str) -> f64 {
    event[key]
        .as_f64()
        .unwrap_or_else(|| panic!("{key} of {event}"))
}

fn keeps_the_rules(event: &Value) {
    text(event, "name");
    assert!(event["pid"].is_u64() && event["tid"].is_u64(), "{event}");
    let phase = text(event, "ph");
    if phase != "M" {
        assert!(number(event, "ts") >= 0.0, "{event}");
    }
    match phase {
        "M" => match text(event, "name") {
            "process_name" | "thread_name" => drop(text(&event["args"], "name").to_owned()),
            "thread_sort_index" => assert!(number(&event["args"], "sort_index") >= 0.0),
            _ => panic!("{event}"),
        },
        "B" | "E" => assert!(event["cat"].is_string(), "{event}"),
        "i" => assert_eq!(event["s"], "t", "{event}"),
        "b" | "e" => assert!(
            event["id"].is_string() && event["cat"].is_string(),
            "{event}"
        ),
        "s" | "f" => assert!(event["id"].is_u64() && event["cat"].is_string(), "{event}"),
        _ => panic!("an unknown phase: {event}"),
    }
}

fn of_phase<'a>(events: &'a [Value], phase: &'a str) -> impl Iterator<Item = &'a Value> {
    events.iter().filter(move |event| event["ph"] == phase)
}

/// On each thread, slices do not overlap.
fn slices_follow_each_other(events: &[Value]) {
    let mut threads: BTreeMap<u64, (Option<&str>, f64)> = BTreeMap::new();
    for event in events {
        let thread = event["tid"].as_u64().unwrap();
        let (open, last) = threads.entry(thread).or_insert((None, 0.0));
        match text(event, "ph") {
            "B" => assert_eq!(open.replace(text(event, "name")), None, "{event}"),
            "E" => assert_eq!(open.take(), Some(text(event, "name")), "{event}"),
            _ => continue,
        }
        assert!(*last <= number(event, "ts"), "{event} and {last}");
        *last = number(event, "ts");
    }
    assert!(threads.values().all(|(open, _)| open.is_none()));
}

/// On each track, stretches do not overlap, and all have an end.
fn tracks_are_closed(events: &[Value]) {
    let mut open: BTreeMap<&str, (&str, f64)> = BTreeMap::new();
    for event in events {
        match text(event, "ph") {
            "b" => {
                let before = open.insert(
                    text(event, "id"),
                    (text(event, "name"), number(event, "ts")),
                );
                assert_eq!(before, None, "{event}");
            }
            "e" => {
                let (name, began) = open.remove(text(event, "id")).expect("begun");
                assert_eq!(name, text(event, "name"));
                assert!(began <= number(event, "ts"));
            }
            _ => {}
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

fn arrows_have_two_ends(events: &[Value]) {
    let mut begun = BTreeMap::new();
    for event in events {
        match text(event, "ph") {
            "s" => assert_eq!(
                begun.insert(event["id"].as_u64(), number(event, "ts")),
                None
            ),
            "f" => {
                let from = begun[&event["id"].as_u64()];
                assert!(from <= number(event, "ts"));
                assert_eq!(event["bp"], "e");
            }
            _ => {}
        }
    }
}

fn threads_have_names(events: &[Value]) {
    let named: BTreeSet<_> = of_phase(events, "M")
        .filter(|event| event["name"] == "thread_name")
        .map(|event| event["tid"].as_u64())
        .collect();
    for event in events.iter().filter(|event| event["ph"] != "M") {
        assert!(named.contains(&event["tid"].as_u64()), "{event}");
    }
}

fn line(event: &Value) -> String {
    let (thread, at) = (&event["tid"], number(event, "ts"));
    let (phase, name) = (text(event, "ph"), text(event, "name"));
    format!("{thread}: {at} {phase} {name}")
}

#[test]
fn events_become_slices_marks_and_arrows() {
    let timeline = record(&Executor::with_virtual_clock(), async {
        timeline::record(|| EventKind::Entering("kitchen".into()));
        let cook = spawn_named("cook", sleep(millis(2)).labelled("tea"));
        cook.await.unwrap();
        timeline::note("\"tea\" is\nready");
        timeline::record(|| EventKind::Exiting("kitchen".into()));
        yield_now().await;
    });
    let events = events(&timeline);
    let lines: Vec<_> = events
        .iter()
        .filter(|event| event["ph"] != "M")
        .map(line)
        .collect();
    assert_eq!(
        lines,
        [
            "1: 0 B runs",
            "1: 0 E runs",
            "2: 0 B runs",
            "2: 0 E runs",
            "2: 0 B waits: tea",
            "2: 2000 E waits: tea",
            "2: 2000 B runs",
            "2: 2000 E runs",
            "2: 2000 i finishes",
            "1: 0 B waits: cook",
            "1: 2000 E waits: cook",
            "2: 2000 s wakes",
            "1: 2000 f wakes",
            "1: 2000 i \"tea\" is\nready",
            "1: 0 b entering kitchen",
            "1: 2000 e entering kitchen",
            "1: 2000 B runs, and yields",
            "1: 2000 E runs, and yields",
            "1: 2000 B runs",
            "1: 2000 E runs",
            "1: 2000 b exiting kitchen",
            "1: 2000 e exiting kitchen",
            "1: 2000 i finishes",
        ]
    );
}

#[test]
fn all_sorts_of_events_keep_the_rules() {
    let clocks = [Executor::with_virtual_clock(), Executor::new()];
    for executor in clocks {
        let timeline = record(&executor, all_sorts());
        let events = events(&timeline);
        for phase in ["M", "B", "E", "i", "b", "e", "s", "f"] {
            assert!(of_phase(&events, phase).next().is_some(), "no {phase}");
        }
    }
}

/// Events of every kind.
async fn all_sorts() {
    let database = Database::new();
    let [first, second] = [(); 2].map(|()| database.connect("mock://db.somedomain.net"));
    let left = spawn_named("left", async move {
        async_with!(first as db, {
            db.set_key("cow", "Moo!").await.unwrap();
            std::future::pending::<()>().await;
        })
    });
    let stopped = timeout(millis(400), async {
        async_with!(second as db, {
            async_with!(db.begin(), { sleep(secs(60)).await }).unwrap();
        })
    });
    stopped.await.unwrap_err();
    let panics = spawn_named("panics", async { panic!("oh") });
    panics.await.unwrap_err();
    let aborted = spawn_named("aborted", sleep(secs(1)));
    yield_now().await;
    aborted.abort();
    gather([sleep(millis(1)), sleep(millis(2))]).await;
    timeline::note("cancels");
    left.cancel();
    yield_now().await;
}

#[test]
fn an_empty_timeline_gives_an_empty_trace() {
    assert_eq!(events(&Timeline::new()).len(), 1);
}

#[test]
fn the_latest_of_many_waits_are_named() {
    let timeline = record(&Executor::with_virtual_clock(), async {
        let tasks = (0..2_000).map(|n| spawn_named(format!("task {n}"), sleep(millis(n))));
        futures::future::join_all(tasks.collect::<Vec<_>>()).await;
    });
    let (events, bytes) = (
        timeline.events().len(),
        timeline.chrome_trace().to_string().len(),
    );
    assert!(bytes < 1_000 * events, "{bytes} bytes for {events} events");
}

#[test]
fn a_million_events_are_written_in_bounded_memory() {
    let timeline = record(&Executor::new(), async {
        for n in 0..1_000_000 / 4 {
            if n % 100 == 0 {
                timeline::note("again");
            }
            yield_now().await;
        }
    });
    let measured = allocation_counter::measure(|| {
        use std::io::Write;
        write!(std::io::sink(), "{}", timeline.chrome_trace()).unwrap();
    });
    println!("bytes at once: {}", measured.bytes_max);
    assert!(measured.bytes_max < 100_000, "{}", measured.bytes_max);
}

//! Timelines as text, byte for byte.

use std::time::Duration;

use crate::common::{millis, secs};
use forwith::async_with;
use forwith_runtime::mock::{Database, Error, RemoteContainer};
use forwith_runtime::timeline::{self, EventKind, note};
use forwith_runtime::{Executor, Timeline, sleep, spawn, spawn_named, yield_now};
use futures::StreamExt;

/// Stores an animal in a database while a ticker ticks.
async fn store_animals() {
    let ticker = spawn_named("ticker", async {
        loop {
            sleep(millis(100)).await;
            note("tick");
        }
    });
    store_first_of(["cat", "dog"]).await.unwrap();
    ticker.abort();
}

async fn store_first_of(animals: [&'static str; 2]) -> Result<(), Error> {
    let animals = RemoteContainer::new(animals).with_page_size(1);
    async_with!(Database::new().connect("mock://db.somedomain.net") as db, {
        async_with!(animals.cursor() as cursor, {
            let first = cursor.next().await.expect("an animal")?;
            db.set_key(first, "meow").await?;
        })?;
    })
}

fn record(future: impl Future<Output = ()>) -> Timeline {
    let timeline = Timeline::new();
    Executor::with_virtual_clock()
        .record(&timeline)
        .block_on(future);
    timeline
}

#[test]
fn the_others_run_while_main_waits() {
    let timeline = record(store_animals());
    println!("{timeline}");
    assert_eq!(timeline.to_string(), include_str!("text.txt"));
}

#[test]
fn the_same_program_gives_the_same_bytes() {
    let [first, second] = [(); 2].map(|()| record(store_animals()));
    assert_eq!(first.to_string(), second.to_string());
    assert_eq!(first.events(), second.events());
}

#[test]
fn every_end_is_shown_and_long_texts_are_cut() {
    let timeline = record(async {
        spawn(async { panic!("oh") });
        spawn_named("left over", async {
            note("a remark that is so long that nobody would want to have it in a column");
            sleep(secs(1)).await;
        });
        let aborted = spawn(std::future::pending::<()>());
        yield_now().await;
        aborted.abort();
        note("several\nlines");
    });
    let expected = [
        "     time  main         task 1       left over                                  task 3",
        "   0.000s  │            ○ spawned",
        "           │            ┊            ○ spawned",
        "           │            ┊            ┊                                          ○ spawned",
        "           ┊            ■ panicked   ┊                                          ┊",
        "           ┊                         ● a remark that is so long that nobody …   ┊",
        "           ┊                         ┊ 1s                                       ┊",
        "           │                         ┊                                          ■ aborted",
        "           ● several…                ┊",
        "           ■ finished                ┊",
        "                                     ✕ cancelled",
        "                                     ■ cancelled",
    ];
    let text = timeline.to_string();
    let (legend, rows) = text.split_once("\n\n").unwrap();
    assert_eq!(rows.lines().collect::<Vec<_>>(), expected);
    let signs = "○ is spawned   │ runs   ┊ waits   ● does something   ✕ is cancelled   ■ has ended";
    assert_eq!(legend, format!("           {signs}"));
}

#[test]
fn polls_and_wakes_are_recorded_but_not_shown() {
    let timeline = record(yield_now());
    let kinds: Vec<_> = timeline
        .events()
        .into_iter()
        .map(|event| event.kind)
        .collect();
    assert_eq!(
        kinds,
        [
            EventKind::Spawned {
                name: Some("main".into())
            },
            EventKind::Woken,
            EventKind::PollStarted,
            EventKind::Woken,
            EventKind::PollEnded { ready: false },
            EventKind::PollStarted,
            EventKind::PollEnded { ready: true },
            EventKind::Finished,
        ]
    );
}

#[test]
fn a_timeline_holds_the_latest_run() {
    let timeline = Timeline::new();
    let executor = Executor::with_virtual_clock().record(&timeline);
    executor.block_on(async { note("first") });
    executor.block_on(async { note("second") });
    let text = timeline.to_string();
    assert!(text.contains("second") && !text.contains("first"));
}

#[test]
fn without_a_timeline_notes_go_nowhere() {
    note("outside");
    Executor::new().block_on(async { note("inside") });
}

#[test]
fn control_characters_are_replaced() {
    let timeline = record(async { note("a\tb\u{1b}[31mred") });
    assert!(timeline.to_string().contains("● a·b·[31mred"), "{timeline}");
}

#[test]
fn joined_tasks_are_named() {
    let timeline = record(async {
        let task = spawn_named("sleeper", sleep(secs(1)));
        task.await.unwrap();
        timeline::waiting("the mail");
        yield_now().await;
    });
    let expected = [
        "     time  main         sleeper",
        "   0.000s  │            ○ spawned",
        "           ┊ sleeper    ┊",
        "           ┊            ┊ 1s",
        "   1.000s  ┊            ■ finished",
        "           ┊ the mail",
        "           ■ finished",
    ];
    let text = timeline.to_string();
    assert_eq!(text.lines().skip(2).collect::<Vec<_>>(), expected);
}

#[test]
fn a_limit_keeps_the_latest_events_and_says_so() {
    let timeline = Timeline::with_limit(100);
    Executor::with_virtual_clock()
        .record(&timeline)
        .block_on(async {
            spawn_named("sleeper", sleep(secs(1)));
            for n in 0..5_000 {
                note(n.to_string());
            }
        });
    let text = timeline.to_string();
    assert!(text.contains("sleeper"), "{text}");
    assert!(text.contains("older events are forgotten"), "{text}");
    assert!(text.contains("● 4999"), "{text}");
    assert!(!text.contains("● 100 "), "{text}");
}

#[test]
fn threads_can_share_a_timeline() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&Timeline::new());
}

#[test]
fn long_timelines_are_folded_by_default() {
    let timeline = record(async {
        for n in 0..1_000 {
            note(n.to_string());
        }
    });
    let (folded, whole) = (timeline.to_string(), format!("{timeline:#}"));
    // Three lines of legend and titles, and one for the end of the task.
    assert_eq!(whole.lines().count(), 3 + 1_000 + 1);
    assert_eq!(folded.lines().count(), 3 + 300 + 1 + 100);
    let left_out = "           ⋮ 601 rows are left out; `{:#}` shows them";
    assert_eq!(folded.lines().nth(303), Some(left_out));
    assert!(
        folded.contains("● 299\n") && folded.contains("● 901\n"),
        "{folded}"
    );
    assert!(
        !folded.contains("● 300\n") && !folded.contains("● 900\n"),
        "{folded}"
    );
}

#[test]
fn many_tasks_share_the_last_column() {
    let timeline = record(async {
        for n in 1..=40 {
            spawn_named(format!("worker {n}"), sleep(secs(n)));
        }
        sleep(secs(50)).await;
    });
    let text = timeline.to_string();
    let titles = text.lines().nth(2).unwrap();
    assert!(titles.ends_with("worker 10    30 more tasks"), "{titles}");
    assert!(text.contains("┊ 35s (worker 35)\n"), "{text}");
    assert!(
        text.lines().all(|line| line.chars().count() < 250),
        "{text}"
    );
}

#[test]
fn repeated_waits_are_shown_once() {
    let timeline = record(async {
        for what in ["tea", "tea", "cake", "tea"] {
            timeline::waiting(what);
            yield_now().await;
        }
        timeline::waiting("tea");
        note("enough");
        timeline::waiting("tea");
    });
    let expected = [
        "   0.000s  ┊ tea",
        "           ┊ cake",
        "           ┊ tea",
        "           ● enough",
        "           ┊ tea",
        "           ■ finished",
    ];
    let text = timeline.to_string();
    assert_eq!(text.lines().skip(3).collect::<Vec<_>>(), expected);
}

#[test]
fn columns_are_aligned_for_all_characters() {
    let timeline = Timeline::new();
    Executor::with_virtual_clock()
        .record(&timeline)
        .block_on(async {
            spawn_named("漢字", async {
                sleep(secs(100_000)).await;
                timeline::note("a\u{202e}b");
            });
            spawn_named("", sleep(Duration::MAX));
            sleep(secs(100_001)).await;
        });
    let text = timeline.to_string();
    let (_legend, rows) = text.split_once("\n\n").unwrap();
    assert_eq!(
        rows.lines().take(9).collect::<Vec<_>>(),
        [
            "       time  main         漢字         task 2",
            "     0.000s  │            ○ spawned",
            "             │            ┊            ○ spawned",
            "             ┊ 100001s    ┊            ┊",
            "             ┊            ┊ 100000s    ┊",
            "             ┊            ┊            ┊ for ever",
            "100000.000s  ┊            ● a·b        ┊",
            "             ┊            ■ finished   ┊",
            "100001.000s  ■ finished                ┊",
        ]
    );
}

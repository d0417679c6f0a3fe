//! Spans move with their futures from thread to thread, and never into another task.

use std::future::{pending, poll_fn};
use std::pin::pin;
use std::sync::LazyLock;

use forwith::reaper::Reaper;
use forwith::{CancelToken, async_with, scope};
use forwith_tracing_tests::{Collected, Db, Tx};
use futures::future::join_all;
use tokio::task::yield_now;
use tracing::{Instrument, Span, info_span};

/// The lines of all tests in this file; each test reads those of its own spans.
static COLLECTED: LazyLock<Collected> = LazyLock::new(|| {
    let collected = Collected::default();
    tracing::subscriber::set_global_default(collected.subscriber()).expect("it is the first");
    collected
});

/// Polls a future, and checks that each poll restores the span that was current before.
async fn checked<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|cx| {
        let before = Span::current();
        let polled = future.as_mut().poll(cx);
        assert_eq!(Span::current().id(), before.id(), "a span was left entered");
        polled
    })
    .await
}

async fn two_resources() {
    async_with!(Db::new(), Tx::new(), {
        for _ in 0..20 {
            yield_now().await;
        }
    })
    .unwrap();
}

/// Takes the beginnings and ends of spans, without the polls between them.
fn phases(root: &str) -> Vec<String> {
    let mut lines = COLLECTED.take_of(root);
    lines.retain(|line| !line.starts_with(['>', '<']));
    lines
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn spans_of_tasks_on_threads_stay_apart() {
    LazyLock::force(&COLLECTED);
    let tasks = (0..50).map(|n| {
        let span = info_span!("task", n);
        tokio::spawn(checked(checked(two_resources()).instrument(span)))
    });
    for ended in join_all(tasks).await {
        ended.unwrap();
    }
    for n in 0..50 {
        let root = format!("task n={n}");
        let expected = [
            format!("+ {root}"),
            format!("+ enter Db (in {root})"),
            "- enter Db".into(),
            format!("+ body Db (in {root})"),
            "+ enter Tx (in body Db)".into(),
            "- enter Tx".into(),
            "+ body Tx (in body Db)".into(),
            "- body Tx".into(),
            "+ exit Tx Completed (in body Db)".into(),
            "- exit Tx Completed".into(),
            "- body Db".into(),
            format!("+ exit Db Completed (in {root})"),
            "- exit Db Completed".into(),
            format!("- {root}"),
        ];
        assert_eq!(phases(&root), expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_poll_enters_and_exits_all_spans() {
    LazyLock::force(&COLLECTED);
    let task = two_resources().instrument(info_span!("counted"));
    tokio::spawn(task).await.unwrap();
    let lines = COLLECTED.take_of("counted");
    let mut open = Vec::new();
    for line in &lines {
        match line.split_at(2) {
            ("> ", span) => open.push(span),
            ("< ", span) => assert_eq!(open.pop(), Some(span)),
            ("- ", span) => assert!(!open.contains(&span)),
            _ => {}
        }
    }
    assert!(open.is_empty());
    let polls = lines.iter().filter(|line| *line == "> body Tx").count();
    assert_eq!(polls, 21);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cancellation_from_another_task() {
    LazyLock::force(&COLLECTED);
    let stop = CancelToken::new();
    let work = {
        let stop = stop.clone();
        async move {
            let waits = async {
                async_with!(Db::new(), Tx::new(), {
                    tokio::spawn({
                        let stop = stop.clone();
                        async move { stop.cancel() }
                    });
                    pending::<()>().await;
                })
            };
            scope(waits, &stop).await.unwrap_err();
        }
    };
    let task = checked(work).instrument(info_span!("cancelled"));
    tokio::spawn(task).await.unwrap();
    let expected = [
        "+ cancelled",
        "+ enter Db (in cancelled)",
        "- enter Db",
        "+ body Db (in cancelled)",
        "+ enter Tx (in body Db)",
        "- enter Tx",
        "+ body Tx (in body Db)",
        "! DEBUG cancel: scope stopped (in cancelled)",
        "! DEBUG cancel: body cancelled Tx (in body Tx)",
        "- body Tx",
        "+ exit Tx Cancelled (in body Db)",
        "- exit Tx Cancelled",
        "! DEBUG cancel: body cancelled Db (in body Db)",
        "- body Db",
        "+ exit Db Cancelled (in cancelled)",
        "- exit Db Cancelled",
        "- cancelled",
    ];
    assert_eq!(phases("cancelled"), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reaped_exit_stays_in_the_span_of_its_task() {
    LazyLock::force(&COLLECTED);
    let reaper = Reaper::tokio();
    reaper.install();
    let db = Db {
        hands_over: true,
        ..Db::new()
    };
    let (entered, has_entered) = tokio::sync::oneshot::channel();
    let work = async move {
        async_with!(db, {
            let _ = entered.send(());
            pending::<()>().await;
        })
    };
    let task = tokio::spawn(checked(work).instrument(info_span!("aborted")));
    has_entered.await.unwrap();
    task.abort();
    task.await.unwrap_err();
    reaper.join().await;
    let expected = [
        "+ aborted",
        "+ enter Db (in aborted)",
        "- enter Db",
        "+ body Db (in aborted)",
        "- body Db",
        "! DEBUG abandon: abandoned Db (in aborted)",
        "+ exit Db Abandoned (in aborted)",
        "- exit Db Abandoned",
        "- aborted",
    ];
    assert_eq!(phases("aborted"), expected);
}

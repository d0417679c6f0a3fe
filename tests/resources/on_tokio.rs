//! The macros on tokio: futures are `Send` when their contents are, and move between threads.

use std::future::{pending, ready};
use std::rc::Rc;
use std::time::Duration;

use forwith::{AsyncEnter, AsyncExit, CancelToken, Outcome, async_for, async_with, scope};
use futures::stream;
use tokio::sync::oneshot;

use crate::common::{Failure, Trace, hook};

async fn work(trace: Trace) -> Result<u64, Failure> {
    let mut sum = 0;
    'all: loop {
        async_with!(trace.open("a"), trace.open("b") as b, {
            assert_eq!(b.name, "b");
            async_for!(for n in stream::iter(0..) {
                async_with!(trace.open("c"), {
                    tokio::task::yield_now().await;
                    sum += n;
                    if n == 20 {
                        break 'all;
                    }
                })?;
            });
        })?;
    }
    Ok(sum)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn futures_are_spawned_on_several_threads() {
    let tasks: Vec<_> = (0..8).map(|_| tokio::spawn(work(Trace::new()))).collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), Ok(210));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn generic_future_is_spawned() {
    async fn name_of<E>(enter: E) -> Result<String, Failure>
    where
        E: AsyncEnter<Resource = crate::common::Probe>,
    {
        async_with!(enter as probe, {
            tokio::task::yield_now().await;
            probe.name.to_owned()
        })
    }
    let name = tokio::spawn(name_of(Trace::new().open("db")))
        .await
        .unwrap();
    assert_eq!(name, Ok("db".into()));
}

#[tokio::test(start_paused = true)]
async fn unsendable_resource_stays_on_its_thread() {
    let local = tokio::task::LocalSet::new();
    let trace = Trace::new();
    let shared = Rc::new(trace.clone());
    let task = local.run_until(async {
        tokio::task::spawn_local(async move {
            async_with!(shared.open("a"), {
                tokio::time::sleep(Duration::from_secs(3)).await;
                Rc::strong_count(&shared)
            })
        })
        .await
    });
    assert_eq!(task.await.unwrap(), Ok(1));
}

#[tokio::test]
async fn scopes_work_with_channels_and_select() {
    let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
    let trace = Trace::new();
    let sending = async {
        async_for!(for n in stream::iter(0..5) {
            sender.send(n).await.unwrap();
        });
        drop(sender);
    };
    let receiving = async {
        let mut sum = 0;
        loop {
            async_with!(trace.open("a"), {
                tokio::select! {
                    message = receiver.recv() => match message {
                        Some(n) => sum += n,
                        None => break,
                    },
                }
            })
            .unwrap();
        }
        sum
    };
    let ((), sum) = tokio::join!(sending, receiving);
    assert_eq!(sum, 10);
    assert_eq!(
        trace
            .lines()
            .iter()
            .filter(|line| *line == "exited a")
            .count(),
        6
    );
}

/// A resource whose exit needs the runtime's timer.
struct Slow;

impl AsyncExit for Slow {
    type Error = Failure;

    async fn exit(self, _: forwith::Outcome<'_>) -> Result<(), Failure> {
        tokio::time::sleep(Duration::from_secs(5)).await;
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn exit_takes_its_time() {
    let before = tokio::time::Instant::now();
    async_with!(async { Ok(Slow) }, {}).unwrap();
    assert_eq!(before.elapsed(), Duration::from_secs(5));
}

/// A resource whose error type is `&'static str`.
struct Terse;

impl AsyncExit for Terse {
    type Error = &'static str;

    async fn exit(self, _: forwith::Outcome<'_>) -> Result<(), &'static str> {
        Err("no")
    }
}

#[tokio::test]
async fn future_with_a_static_error_is_spawned() {
    let left = tokio::spawn(async { async_with!(std::future::ready(Ok(Terse)), {}) });
    assert_eq!(left.await.unwrap(), Err("no"));
}

/// Takes from a channel that is never empty, which uses up what tokio lets a task do in a turn.
async fn never_waits(mut tell: impl FnMut()) {
    let (send, mut receive) = tokio::sync::mpsc::unbounded_channel();
    send.send(()).unwrap();
    for turn in 0..100_000 {
        receive.recv().await.unwrap();
        send.send(()).unwrap();
        if turn == 1_000 {
            tell();
        }
    }
}

#[tokio::test]
async fn stop_is_heard_beside_a_busy_channel() {
    let (stop, stops) = oneshot::channel();
    let mut stop = Some(stop);
    let work = never_waits(|| stop.take().unwrap().send("stop").unwrap());
    let cancelled = scope(work, stops).await.unwrap_err();
    assert_eq!(cancelled.into_reason(), Ok("stop"));
}

/// A resource whose exit tells that it runs, and never waits.
struct Busy(Option<oneshot::Sender<()>>);

impl AsyncExit for Busy {
    type Error = Failure;

    async fn exit(mut self, _: Outcome<'_>) -> Result<(), Failure> {
        never_waits(|| self.0.take().unwrap().send(()).unwrap()).await;
        Ok(())
    }
}

#[tokio::test]
async fn grace_is_over_beside_a_busy_exit() {
    let (over, is_over) = oneshot::channel();
    let (mut is_over, stop) = (Some(is_over), CancelToken::new());
    let work = async {
        async_with!(ready(Ok(Busy(Some(over)))), {
            stop.cancel();
            pending::<()>().await;
        })
    };
    // Until the error is dropped, which tells of the exit that was cut.
    let _turn = hook::take_turn();
    let work = scope(work, &stop).grace(|| is_over.take().unwrap());
    let cancelled = work.await;
    assert!(!cancelled.unwrap_err().is_graceful());
}

//! Exits in the reaper, drops at every poll, panics at every point.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use forwith::resource::owned_resource_fn;
use forwith::resource::side_by_side;
use forwith::source::{StreamFn, merge, stream_fn, zip};
use forwith::{OwnedExit, OwnedOutcome, async_for, async_with, reaper, scope};
use futures::stream::{self, FuturesUnordered, StreamExt};

use crate::common::{Failure, Trace, run_woken, turns, yield_once};

/// A resource whose exit owns all it needs: goes on in the reaper.
struct Own(Trace, String, u32);

impl OwnedExit for Own {
    type Error = Failure;
    async fn exit_owned(self, outcome: OwnedOutcome) -> Result<(), Failure> {
        self.0.note(format!("exiting {}: {outcome:?}", self.1));
        turns(self.2).await;
        self.0.note(format!("exited {}", self.1));
        Ok(())
    }
}

async fn own(trace: &Trace, name: String, polls: u32) -> Result<Own, Failure> {
    yield_once().await;
    trace.note(format!("entered {name}"));
    Ok(Own(trace.clone(), name, polls))
}

fn inner(trace: &Trace, name: &'static str, panics: Option<u32>) -> StreamFn<u32, Failure> {
    let trace = trace.clone();
    stream_fn(async move |out| {
        async_with!(own(&trace, format!("{name} outer"), 2), {
            async_for!(
                #[concurrent(3)]
                for n in stream::iter(0..6u32) {
                    async_with!(own(&trace, format!("{name} {n}"), n), {
                        turns(n % 3).await;
                        out.give(n).await;
                        assert!(panics != Some(n), "bad {n}");
                        turns(n % 2).await;
                    })?;
                }
            );
        })
    })
}

async fn whole(
    trace: &Trace,
    kind: u32,
    panics: Option<u32>,
    body_panics: Option<u32>,
) -> Result<(), Failure> {
    let body = async |n: u32| -> Result<(), Failure> {
        let t2 = trace.clone();
        let res = owned_resource_fn(async move |stage| {
            async_with!(own(&t2, format!("fn {n}"), 1), {
                let (_, outcome) = stage.hand_out(n).await;
                t2.note(format!("back {n} {outcome:?}"));
                yield_once().await;
            })
        });
        async_with!(own(trace, format!("body {n}"), 2), res, {
            turns(n % 3).await;
            assert!(body_panics != Some(n), "body {n}");
        })
    };
    match kind {
        0 => async_with!(inner(trace, "s", panics) as s, {
            async_for!(
                #[concurrent(2)]
                for n in s {
                    body(n?).await?;
                }
            );
        }),
        1 => async_with!(
            merge((inner(trace, "s", panics), inner(trace, "t", None))) as s,
            {
                async_for!(
                    #[concurrent(4)]
                    for n in s {
                        body(n?).await?;
                    }
                );
            }
        ),
        2 => async_with!(
            zip((inner(trace, "s", panics), inner(trace, "t", None))) as s,
            {
                async_for!(
                    #[concurrent(4)]
                    for (n, m) in s {
                        body(n?).await?;
                        m?;
                    }
                );
            }
        ),
        3 => async_with!(
            side_by_side((inner(trace, "s", panics), inner(trace, "t", None))) as (s, t),
            {
                async_for!(
                    #[concurrent(4)]
                    for n in merge((s, t)) {
                        body(n?).await?;
                    }
                );
            }
        ),
        4 => async_with!(
            merge(
                (0..40)
                    .map(|_| inner(trace, "s", panics))
                    .collect::<Vec<_>>()
            ) as s,
            {
                let mut k = 0;
                async_for!(
                    #[concurrent(4)]
                    for n in s.take(20) {
                        body(n?).await?;
                    }
                );
                k += 1;
                let _ = k;
            }
        ),
        _ => {
            // loop in a loop in a stream_fn
            let t = trace.clone();
            let outer = stream_fn(async move |out| {
                async_with!(inner(&t, "s", panics) as s, own(&t, "between".into(), 2), {
                    async_for!(
                        #[concurrent(2)]
                        for n in s {
                            let n = n?;
                            async_with!(own(&t, format!("between {n}"), 2), {
                                out.give(n).await;
                            })?;
                        }
                    );
                })
            });
            async_with!(outer as s, {
                async_for!(
                    #[concurrent(2)]
                    for n in s {
                        body(n?).await?;
                    }
                );
            })
        }
    }
}

fn verify(trace: &Trace, what: &str) {
    let lines = trace.lines();
    let mut open: Vec<&str> = Vec::new();
    for l in &lines {
        if let Some(n) = l.strip_prefix("entered ") {
            open.push(n);
        }
        if let Some(n) = l.strip_prefix("exited ") {
            let Some(at) = open.iter().position(|o| *o == n) else {
                panic!("{what}: exited twice {n} {lines:#?}")
            };
            open.remove(at);
        }
    }
    assert!(open.is_empty(), "{what}: left open {open:?} {lines:#?}");
    // order: "s outer" begins its exit behind the end of all "s n" exits
    for name in ["s", "t"] {
        let o = format!("exiting {name} outer");
        if lines.iter().filter(|l| l.starts_with(&o)).count() == 1 {
            let at = lines.iter().position(|l| l.starts_with(&o)).unwrap();
            let pre = format!("{name} ");
            for l in &lines[at + 1..] {
                let n = l
                    .strip_prefix("exited ")
                    .or(l.strip_prefix("exiting "))
                    .or(l.strip_prefix("entered "));
                if let Some(n) = n {
                    assert!(
                        !n.starts_with(&pre) || n.ends_with("outer"),
                        "{what}: {n} behind outer {lines:#?}"
                    );
                }
            }
        }
    }
}

#[test]
fn cancelled_at_every_poll() {
    for kind in 0..6 {
        for at in 0..100 {
            let trace = Trace::new();
            let done = run_woken(scope(whole(&trace, kind, None, None), turns(at)));
            let done =
                done.unwrap_or_else(|| panic!("sleeps: kind {kind} at {at} {:#?}", trace.lines()));
            verify(&trace, &format!("kind {kind} at {at}"));
            if let Ok(Ok(())) = done.map(|r| r) {
                if at > 90 {
                    println!("kind {kind} ended");
                }
            }
        }
    }
}

#[test]
fn panics_at_every_point() {
    std::panic::set_hook(Box::new(|_| ()));
    let mut bad = Vec::new();
    for kind in 0..6 {
        for p in 0..12 {
            let (a, b) = if p < 6 {
                (Some(p), None)
            } else {
                (None, Some(p - 6))
            };
            let trace = Trace::new();
            let caught = catch_unwind(AssertUnwindSafe(|| run_woken(whole(&trace, kind, a, b))));
            match caught {
                Err(_) => {}
                Ok(None) => bad.push(format!("sleeps kind {kind} p {p}")),
                Ok(Some(_)) if kind == 4 => {}
                Ok(Some(r)) => bad.push(format!("no panic kind {kind} p {p} {r:?}")),
            }
            if let Err(e) = catch_unwind(AssertUnwindSafe(|| {
                verify(&trace, &format!("kind {kind} p {p}"))
            })) {
                bad.push(e.downcast_ref::<String>().cloned().unwrap_or_default());
            }
        }
    }
    let _ = std::panic::take_hook();
    for b in &bad {
        println!("{b}");
    }
    assert!(bad.is_empty());
}

#[test]
fn dropped_at_every_poll_with_a_reaper() {
    for kind in 0..6 {
        for at in 0..100 {
            let trace = Trace::new();
            let queue: Arc<std::sync::Mutex<Vec<reaper::Abandoned>>> = Arc::default();
            let q = queue.clone();
            let reaper = reaper::Reaper::new(move |abandoned| q.lock().unwrap().push(abandoned));
            let guard = reaper.enter();
            crate::common::run_for(at, whole(&trace, kind, None, None));
            let mut running: FuturesUnordered<reaper::Abandoned> = FuturesUnordered::new();
            for _ in 0..50 {
                let more = std::mem::take(&mut *queue.lock().unwrap());
                for m in more {
                    running.push(m);
                }
                if running.is_empty() {
                    break;
                }
                let slept = run_woken(async { while running.next().await.is_some() {} }).is_none();
                assert!(!slept, "sleeps kind {kind} at {at} {:#?}", trace.lines());
            }
            drop(guard);
            verify(&trace, &format!("reaper kind {kind} at {at}"));
            assert_eq!(reaper.pending(), 0);
        }
    }
}

/// Polls with a new waker each time; only a wake of the last one counts.
fn run_latest<F: Future>(future: F) -> Option<F::Output> {
    use crate::common::Woken;
    let mut future = std::pin::pin!(future);
    let mut old = Vec::new();
    for _ in 0..10_000 {
        let woken = Arc::new(Woken::default());
        let waker = std::task::Waker::from(woken.clone());
        if let std::task::Poll::Ready(output) = future
            .as_mut()
            .poll(&mut std::task::Context::from_waker(&waker))
        {
            return Some(output);
        }
        if !woken.take() {
            return None;
        }
        old.push(waker);
    }
    panic!("it did not end");
}

#[test]
fn last_waker_is_the_one_that_counts() {
    for kind in 0..6 {
        for at in 0..120 {
            let trace = Trace::new();
            let done = run_latest(scope(whole(&trace, kind, None, None), turns(at)));
            done.unwrap_or_else(|| panic!("sleeps: kind {kind} at {at} {:#?}", trace.lines()))
                .ok();
            verify(&trace, &format!("kind {kind} at {at}"));
        }
    }
}

/// In combinators that poll only what is woken, in groups, shields, exits and other executors.
#[test]
fn inside_of_others() {
    use forwith::{CancelToken, race, shield};
    for kind in 0..6 {
        for at in 0..120 {
            let trace = Trace::new();
            let tr = &trace;
            let token = CancelToken::new();
            let done = run_latest(async {
                let mut all = FuturesUnordered::new();
                let tok = token.clone();
                all.push(Box::pin(async move {
                    let _ = scope(whole(tr, kind, None, None), tok.cancelled()).await;
                })
                    as std::pin::Pin<Box<dyn Future<Output = ()>>>);
                all.push(Box::pin(async move {
                    turns(at).await;
                    token.cancel();
                }));
                while all.next().await.is_some() {}
            });
            done.unwrap_or_else(|| {
                panic!("unordered sleeps: kind {kind} at {at} {:#?}", trace.lines())
            });
            verify(&trace, &format!("unordered kind {kind} at {at}"));

            let trace = Trace::new();
            let tr = &trace;
            let done = run_latest(race((
                async {
                    whole(tr, kind, None, None).await.ok();
                },
                turns(at),
            )));
            done.unwrap_or_else(|| panic!("race sleeps: kind {kind} at {at} {:#?}", trace.lines()));
            verify(&trace, &format!("race kind {kind} at {at}"));

            // As a body of a concurrent loop that another body breaks.
            let trace = Trace::new();
            let tr = &trace;
            let done = run_latest(async {
                async_for!(
                    #[concurrent(3)]
                    for n in stream::iter(0..3u32) {
                        if n == 1 {
                            turns(at).await;
                            break;
                        }
                        if n == 0 {
                            whole(tr, kind, None, None).await.unwrap();
                        } else {
                            shield(async {
                                turns(at % 7).await;
                                tr.note("shielded");
                            })
                            .await;
                        }
                    }
                )
            });
            done.unwrap_or_else(|| panic!("body sleeps: kind {kind} at {at} {:#?}", trace.lines()));
            verify(&trace, &format!("body kind {kind} at {at}"));
        }
    }
}

/// An exit that loops.
struct Loops(Trace, u32);
impl OwnedExit for Loops {
    type Error = Failure;
    async fn exit_owned(self, _: OwnedOutcome) -> Result<(), Failure> {
        whole(&self.0, self.1, None, None).await?;
        self.0.note("looped");
        Ok(())
    }
}

#[test]
fn inside_of_exits() {
    for kind in 0..6 {
        for at in 0..60 {
            let trace = Trace::new();
            let done = run_latest(scope(
                async {
                    async_with!(async { Ok(Loops(trace.clone(), kind)) }, {
                        turns(4).await;
                    })
                },
                turns(at),
            ));
            done.unwrap_or_else(|| panic!("sleeps: kind {kind} at {at} {:#?}", trace.lines()))
                .ok();
            verify(&trace, &format!("exit kind {kind} at {at}"));
            assert!(trace.lines().last().is_none_or(|l| l == "looped"));
        }
    }
}

#[test]
fn on_tokio_local() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    for kind in 0..6 {
        for at in 0..40 {
            let trace = Trace::new();
            let (t, t2) = (trace.clone(), trace.clone());
            let local = tokio::task::LocalSet::new();
            let out = local.block_on(&runtime, async move {
                let a = tokio::task::spawn_local(async move {
                    scope(whole(&t, kind, None, None), async {
                        for _ in 0..at {
                            tokio::task::yield_now().await;
                        }
                    })
                    .await
                    .ok();
                });
                a.await.unwrap();
                let mut set = tokio::task::JoinSet::new();
                set.spawn(async move {
                    let work = scope(whole(&t2, kind, None, None), async {
                        for _ in 0..at {
                            tokio::task::yield_now().await;
                        }
                    });
                    let mut work = std::pin::pin!(work);
                    loop {
                        tokio::select! { biased;
                            _ = &mut work => break,
                            () = tokio::task::yield_now() => {}
                        }
                    }
                });
                while let Some(r) = set.join_next().await {
                    r.unwrap();
                }
            });
            let () = out;
            let lines = trace.lines();
            let count = |w: &str| lines.iter().filter(|l| l.starts_with(w)).count();
            assert_eq!(count("entered"), count("exited"), "{kind} {at} {lines:#?}");
        }
    }
}

#[test]
fn in_task_groups() {
    use forwith::on_tokio::TaskGroup;
    for kind in 0..6 {
        for at in 0..40 {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .build()
                .unwrap();
            let trace = Trace::new();
            let t = trace.clone();
            runtime.block_on(async move {
                let work = async {
                    let _ = async_with!(TaskGroup::<Failure>::new() as group, {
                        let t2 = t.clone();
                        group.spawn(async move { whole(&t2, kind, None, None).await });
                        let t2 = t.clone();
                        group.spawn(async move { whole(&t2, (kind + 1) % 6, None, None).await });
                    });
                };
                scope(work, async {
                    for _ in 0..at {
                        tokio::task::yield_now().await;
                    }
                })
                .await
                .ok();
            });
            let lines = trace.lines();
            let count = |w: &str| lines.iter().filter(|l| l.starts_with(w)).count();
            assert_eq!(count("entered"), count("exited"), "{kind} {at} {lines:#?}");
        }
    }
}

//! Exits in the reaper: innermost first.
use crate::common::{Failure, Trace, run_for, run_woken, turns, yield_once};
use forwith::resource::{
    Place, closing, local_resource_fn, owned_resource_fn, resource_fn, side_by_side,
};
use forwith::source::{merge, stream_fn, stream_fn_borrowing, zip};
use forwith::{OwnedExit, OwnedOutcome, async_for, async_with, reaper};
use futures::stream::{self, FuturesUnordered, StreamExt};
use std::sync::{Arc, Mutex};

struct Own(Trace, &'static str, u32);
impl OwnedExit for Own {
    type Error = Failure;
    async fn exit_owned(self, _: OwnedOutcome) -> Result<(), Failure> {
        self.0.note(format!("exiting {}", self.1));
        turns(self.2).await;
        self.0.note(format!("exited {}", self.1));
        Ok(())
    }
}
async fn own(trace: &Trace, name: &'static str, polls: u32) -> Result<Own, Failure> {
    yield_once().await;
    trace.note(format!("entered {name}"));
    Ok(Own(trace.clone(), name, polls))
}

macro_rules! function {
    ($t:ident, $out:ident) => {
        async_with!(own(&$t, "B", 2), own(&$t, "C", 3), {
            for n in 0..3u32 {
                yield_once().await;
                $out.give(n).await;
            }
        })
    };
}

macro_rules! handed {
    ($t:ident, $stage:ident) => {
        async_with!(own(&$t, "B", 2), own(&$t, "C", 3), {
            yield_once().await;
            let _ = $stage.hand_out(1u32).await;
            yield_once().await;
        })
    };
}

async fn case(kind: u32, trace: &Trace) -> Result<(), Failure> {
    let t = trace.clone();
    match kind {
        0 => async_with!(own(trace, "A", 1), {
            async_with!(stream_fn(async move |out| { function!(t, out) }) as s, {
                async_for!(for n in s {
                    n?;
                    async_with!(own(trace, "D", 2), {
                        yield_once().await;
                    })?;
                });
            })?;
        }),
        1 => async_with!(own(trace, "A", 1), {
            async_with!(
                stream_fn_borrowing(async move |out| { function!(t, out) }) as s,
                {
                    async_for!(for n in s {
                        n?;
                        async_with!(own(trace, "D", 2), {
                            yield_once().await;
                        })?;
                    });
                }
            )?;
        }),
        2 => async_with!(own(trace, "A", 1), {
            async_with!(
                stream_fn_borrowing(async move |out| { function!(t, out) }) as s,
                {
                    async_for!(
                        #[concurrent(2)]
                        for n in s {
                            n?;
                            async_with!(own(trace, "D", 2), {
                                yield_once().await;
                            })?;
                        }
                    );
                }
            )?;
        }),
        3 => async_with!(own(trace, "A", 1), {
            async_with!(
                resource_fn(async move |stage| { handed!(t, stage) }) as s,
                {
                    async_with!(own(trace, "D", 2), {
                        turns(**&s).await;
                    })?;
                }
            )?;
        }),
        4 => async_with!(own(trace, "A", 1), {
            async_with!(
                owned_resource_fn(async move |stage| { handed!(t, stage) }) as s,
                {
                    async_with!(own(trace, "D", 2), {
                        turns(**&s).await;
                    })?;
                }
            )?;
        }),
        5 => async_with!(own(trace, "A", 1), {
            async_with!(
                local_resource_fn(async move |stage| { handed!(t, stage) }) as s,
                {
                    async_with!(own(trace, "D", 2), {
                        turns(**&s).await;
                    })?;
                }
            )?;
        }),
        6 => async_with!(own(trace, "A", 1), {
            async_for!(
                #[concurrent(2)]
                for n in stream::iter(0..1) {
                    let t = t.clone();
                    async_with!(
                        resource_fn(async move |stage| { handed!(t, stage) }) as s,
                        {
                            async_with!(own(trace, "D", 2), {
                                turns(**&s + n).await;
                            })?;
                        }
                    )?;
                }
            );
        }),
        7 => async_with!(own(trace, "A", 1), {
            let mut place = Place::new();
            let (stage, res) = place.split();
            let f = std::pin::pin!(async move { handed!(t, stage) });
            async_with!(res.of(f) as s, {
                async_with!(own(trace, "D", 2), {
                    turns(**&s).await;
                })?;
            })?;
        }),
        8 => async_with!(own(trace, "A", 1), {
            async_with!(stream_fn(async move |out| { function!(t, out) }), {})?;
            async_with!(
                merge((
                    stream_fn({
                        let t = trace.clone();
                        async move |out| function!(t, out)
                    }),
                    stream_fn(async |_| std::future::pending::<Result<(), Failure>>().await)
                )) as s,
                {
                    async_for!(
                        #[concurrent(3)]
                        for n in s {
                            n?;
                            async_with!(own(trace, "D", 2), {
                                yield_once().await;
                            })?;
                        }
                    );
                }
            )?;
        }),
        9 => async_with!(own(trace, "A", 1), {
            async_with!(
                zip((
                    stream_fn_borrowing(async move |out| { function!(t, out) }),
                    stream_fn(async |out| {
                        loop {
                            out.give(2u32).await;
                        }
                        #[allow(unreachable_code)]
                        Ok::<(), Failure>(())
                    })
                )) as s,
                {
                    async_for!(
                        #[concurrent(3)]
                        for (n, _m) in s {
                            n?;
                            async_with!(own(trace, "D", 2), {
                                yield_once().await;
                            })?;
                        }
                    );
                }
            )?;
        }),
        10 => async_with!(own(trace, "A", 1), {
            async_with!(
                closing::<_, Failure>(stream_fn(async move |out| { function!(t, out) })) as s,
                {
                    async_for!(
                        #[concurrent(3)]
                        for n in s {
                            n?;
                            async_with!(own(trace, "D", 2), {
                                yield_once().await;
                            })?;
                        }
                    );
                }
            )?;
        }),
        11 => async_with!(own(trace, "A", 1), {
            async_with!(
                side_by_side((
                    stream_fn_borrowing(async move |out| { function!(t, out) }),
                    own(trace, "E", 1)
                )) as (s, _e),
                {
                    async_for!(
                        #[concurrent(3)]
                        for n in s {
                            n?;
                            async_with!(own(trace, "D", 2), {
                                yield_once().await;
                            })?;
                        }
                    );
                }
            )?;
        }),
        // a stream that nobody has entered
        12 => async_with!(own(trace, "A", 1), {
            async_for!(
                #[concurrent(3)]
                for n in stream_fn(async move |out| { function!(t, out) }) {
                    n?;
                    async_with!(own(trace, "D", 2), {
                        yield_once().await;
                    })?;
                }
            );
        }),
        // a concurrent loop in the function
        13 => async_with!(own(trace, "A", 1), {
            async_with!(
                stream_fn(async move |out| {
                    async_with!(own(&t, "B", 2), {
                        async_for!(
                            #[concurrent(2)]
                            for n in stream::iter(0..3u32) {
                                async_with!(own(&t, "C", 2), {
                                    out.give(n).await;
                                })?;
                            }
                        );
                    })
                }) as s,
                {
                    async_for!(
                        #[concurrent(2)]
                        for n in s {
                            n?;
                            async_with!(own(trace, "D", 2), {
                                yield_once().await;
                            })?;
                        }
                    );
                }
            )?;
        }),
        _ => async_with!(own(trace, "A", 1), {
            async_with!(
                stream_fn_borrowing(async |out| {
                    async_with!(own(&t, "B", 2), {
                        async_for!(
                            #[concurrent(2)]
                            for n in stream::iter(0..3u32) {
                                async_with!(own(&t, "C", 2), {
                                    out.give(n).await;
                                })?;
                            }
                        );
                    })
                }) as s,
                {
                    async_for!(
                        #[concurrent(2)]
                        for n in s {
                            n?;
                            async_with!(own(trace, "D", 2), {
                                yield_once().await;
                            })?;
                        }
                    );
                }
            )?;
        }),
    }
}

#[test]
fn innermost_first_in_the_reaper() {
    let mut bad = Vec::new();
    for kind in 0..15 {
        for at in 0..80 {
            let trace = Trace::new();
            let queue: Arc<Mutex<Vec<reaper::Abandoned>>> = Arc::default();
            let q = queue.clone();
            let reaper = reaper::Reaper::new(move |abandoned| q.lock().unwrap().push(abandoned));
            let guard = reaper.enter();
            let ended = run_for(at, case(kind, &trace));
            trace.note("dropped");
            let mut running: FuturesUnordered<reaper::Abandoned> = FuturesUnordered::new();
            for _ in 0..50 {
                let more = std::mem::take(&mut *queue.lock().unwrap());
                for m in more {
                    running.push(m);
                }
                if running.is_empty() {
                    break;
                }
                if run_woken(async { while running.next().await.is_some() {} }).is_none() {
                    bad.push(format!("sleeps {kind} {at}"));
                    break;
                }
            }
            drop(guard);
            let lines = trace.lines();
            let count = |w: &str| lines.iter().filter(|l| l.starts_with(w)).count();
            if count("entered") != count("exited") {
                bad.push(format!("open: kind {kind} at {at} {lines:?}"));
                continue;
            }
            // A around everything; B around C; D behind both, but for an item that nobody waits for.
            let from = lines.iter().rposition(|l| l == "dropped").unwrap();
            let first = |w: &str| lines[from..].iter().position(|l| l == w);
            let last = |w: &str| lines[from..].iter().rposition(|l| l == w);
            let before = |a: &str, b: &str| match (
                last(&format!("exited {a}")),
                first(&format!("exiting {b}")),
            ) {
                (Some(x), Some(y)) => x < y,
                _ => true,
            };
            let inner = !matches!(kind, 7 | 12); // nobody enters the function there
            for (a, b) in [
                ("C", "B"),
                ("B", "A"),
                ("C", "A"),
                ("D", "A"),
                ("D", "B"),
                ("D", "C"),
            ] {
                if !before(a, b)
                    && (inner || a != "D")
                    && !(a == "D" && lines[..from].iter().any(|l| l == "exiting C"))
                {
                    bad.push(format!(
                        "order {a} before {b}: kind {kind} at {at} {:?}",
                        &lines[from..]
                    ));
                }
            }
            if ended {
                break;
            }
            if at == 79 && kind != 8 {
                bad.push(format!("kind {kind} does not end {lines:?}"));
            }
        }
    }
    for b in &bad {
        println!("{b}");
    }
    assert!(bad.is_empty(), "{}", bad.len());
}

//! Reapers with limits: what hangs is dropped at the limit and told by name, and a bounded join
//! gives what remains.

use std::future::{pending, ready};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use forwith::reaper::{LocalReaper, Reaper};
use forwith::report::{ExitError, collect, labelled, lost_exits};
use forwith::{
    AsyncEnterExt, AsyncExit, BoxExit, CancelToken, ExitStack, Handoff, Outcome, OwnedExit,
    OwnedOutcome, async_with,
};
use forwith_runtime::Executor;
use futures::future::join;
use tokio::time::{Instant, sleep};

use crate::common::{Failure, Held, Trace, run_for, turns};
use crate::reapers::{drop_midway, multi, quietly, single, told};

const SECOND: Duration = Duration::from_secs(1);

/// Its exit takes so many seconds.
struct Slow {
    name: &'static str,
    trace: Trace,
    seconds: u32,
}

impl OwnedExit for Slow {
    type Error = Failure;

    async fn exit_owned(self, _: OwnedOutcome) -> Result<(), Failure> {
        let half = Held(self.name, self.trace.clone());
        sleep(self.seconds * SECOND).await;
        std::mem::forget(half);
        self.trace.note(format!("exited {}", self.name));
        Ok(())
    }
}

fn slow(trace: &Trace, name: &'static str, seconds: u32) -> Slow {
    Slow {
        name,
        trace: trace.clone(),
        seconds,
    }
}

/// Holds `a` around `b`, for ever.
async fn stays(a: Slow, b: Slow) -> Result<(), Failure> {
    async_with!(ready(Ok(a)), ready(Ok(b)), { pending::<()>().await })
}

/// A reaper on tokio with a limit for each exit.
fn limited(seconds: u32) -> Reaper {
    Reaper::tokio().exit_limit(move || sleep(seconds * SECOND))
}

#[test]
fn exit_over_its_limit_is_dropped_and_told_by_name() {
    let trace = Trace::new();
    let ((), told) = told(|| {
        single().block_on(async {
            let reaper = limited(5);
            let _entered = reaper.enter();
            let begun = Instant::now();
            let before = lost_exits();
            drop_midway(stays(slow(&trace, "a", 4), slow(&trace, "b", 3600)));
            reaper.join().await;
            assert_eq!(lost_exits(), before + 1);
            // `a` has a limit of its own, behind the limit of `b`.
            assert_eq!(begun.elapsed(), 9 * SECOND);
            // An exit that ends in the instant of its limit has ended.
            drop_midway(async { async_with!(ready(Ok(slow(&trace, "c", 5))), {}) });
            reaper.join().await;
        });
    });
    trace.expect(&["dropped b", "exited a", "exited c"]);
    assert_eq!(told, ["Slow Hung: Hung"]);
}

#[test]
fn limit_is_counted_from_the_hand_over_of_an_exit_in_flight() {
    let trace = Trace::new();
    let ((), told) = told(|| {
        single().block_on(async {
            let reaper = limited(5);
            let _entered = reaper.enter();
            let begun = Instant::now();
            let work = async { async_with!(ready(Ok(slow(&trace, "a", 9))), {}) };
            assert!(tokio::time::timeout(3 * SECOND, work).await.is_err());
            reaper.join().await;
            assert_eq!(begun.elapsed(), 8 * SECOND);
        });
    });
    trace.expect(&["dropped a"]);
    assert_eq!(told, ["Slow Hung: Hung"]);
}

#[test]
fn bounded_join_names_those_that_hang() {
    let trace = Trace::new();
    let ((), told) = told(|| {
        single().block_on(async {
            let reaper = Reaper::tokio();
            let _entered = reaper.enter();
            assert_eq!(reaper.join_until(ready(())).await, Ok(()));
            let nested = stays(slow(&trace, "a", 1), slow(&trace, "b", 60));
            let (b, ()) = join(nested_in_labels(nested), async {}).await;
            b.unwrap();
            let other = async { async_with!(ready(Ok(slow(&trace, "c", 1))), {}) };
            drop_midway(labelled("gone soon", other));
            assert_eq!(reaper.pending(), 3);
            let begun = Instant::now();
            let remaining = reaper.join_until(sleep(3 * SECOND)).await.unwrap_err();
            assert_eq!(begun.elapsed(), 3 * SECOND);
            assert_eq!(reaper.remaining(), remaining);
            let slow = std::any::type_name::<Slow>();
            assert_eq!(
                remaining.to_string(),
                format!(
                    "2 exits have not ended: checkout, orders: {slow} hangs, checkout, orders: \
                     {slow} has not begun"
                )
            );
            let running: Vec<_> = remaining.running().collect();
            assert_eq!(running.len(), 1);
            assert_eq!(running[0].labels(), ["checkout", "orders"]);
            assert!(running[0].resource().ends_with("::Slow"));
            assert!(format!("{reaper:?}").contains("\"checkout\""), "{reaper:?}");
            // They run on.
            reaper.join_until(sleep(60 * SECOND)).await.unwrap();
            assert_eq!((reaper.pending(), begun.elapsed()), (0, 61 * SECOND));
            assert_eq!(reaper.remaining().to_string(), "every exit has ended");
        });
    });
    trace.expect(&["exited c", "exited b", "exited a"]);
    assert_eq!(told, [""; 0]);
}

/// Drops work in two labels, of which a collector hears nothing.
async fn nested_in_labels(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let dropped = labelled("orders", async {
        drop_midway(work);
    });
    let ((), reports) = collect(labelled("checkout", dropped)).await;
    assert_eq!(reports, []);
    Ok(())
}

#[test]
fn exits_that_exits_hand_over_are_joined() {
    /// Its exit drops work that holds another resource.
    struct Outer(Trace, u32);

    impl OwnedExit for Outer {
        type Error = Failure;

        async fn exit_owned(self, _: OwnedOutcome) -> Result<(), Failure> {
            sleep(SECOND).await;
            drop_midway(stays(slow(&self.0, "a", 1), slow(&self.0, "b", self.1)));
            Ok(())
        }
    }

    for (seconds, ends) in [
        (1, ["exited b", "exited a"]),
        (9, ["dropped b", "exited a"]),
    ] {
        let trace = Trace::new();
        let ((), told) = told(|| {
            single().block_on(async {
                let reaper = limited(5);
                reaper.install();
                drop_midway(async {
                    async_with!(ready(Ok(Outer(trace.clone(), seconds))), {
                        pending::<()>().await;
                    })
                });
                assert_eq!(reaper.pending(), 1);
                reaper.join().await;
            });
        });
        trace.expect(&ends);
        assert_eq!(told.len(), usize::from(seconds > 5));
    }
}

#[test]
fn resources_inside_an_exit_that_hangs_are_exited() {
    /// Its exit hangs in the body of another resource.
    struct Around(Trace);

    impl OwnedExit for Around {
        type Error = Failure;

        async fn exit_owned(self, _: OwnedOutcome) -> Result<(), Failure> {
            stays(slow(&self.0, "inner", 1), slow(&self.0, "innermost", 1)).await
        }
    }

    let trace = Trace::new();
    let ((), told) = told(|| {
        single().block_on(async {
            let reaper = limited(5);
            let entered = reaper.enter();
            let around = Around(trace.clone());
            drop_midway(async {
                async_with!(ready(Ok(slow(&trace, "outer", 0))), ready(Ok(around)), {
                    pending::<()>().await;
                })
            });
            drop(entered); // where there is no other, a reaper takes what its exits hand over
            reaper.join().await;
        });
    });
    trace.expect(&["exited innermost", "exited inner", "exited outer"]);
    assert_eq!(told, ["Around Hung: Hung"]);
}

#[test]
fn stacks_boxes_and_enters_have_a_limit_each() {
    let trace = Trace::new();
    let ((), told) = told(|| {
        single().block_on(async {
            let reaper = limited(5);
            let _entered = reaper.enter();
            let mut stack = ExitStack::new();
            for (name, seconds) in [("a", 1), ("b", 60), ("c", 4), ("d", 60)] {
                stack.push(BoxExit::new(slow(&trace, name, seconds)));
            }
            drop(stack);
            assert_eq!(reaper.pending(), 4);
            reaper.join().await;
            let enter = async {
                turns(1).await;
                pending::<()>().await;
                Ok(slow(&Trace::new(), "never", 0))
            };
            assert!(!run_for(1, async { async_with!(enter.outliving(), {}) }));
            let entered = slow(&trace, "e", 60);
            let enter = async {
                sleep(4 * SECOND).await;
                Ok(entered)
            };
            drop_midway(async { async_with!(enter.outliving(), {}) });
            let begun = Instant::now();
            reaper.join().await;
            assert_eq!(begun.elapsed(), 9 * SECOND, "an enter, and then the exit");
        });
    });
    trace.expect(&[
        "dropped d",
        "exited c",
        "dropped b",
        "exited a",
        "dropped e",
    ]);
    assert_eq!(told, ["Slow Hung: Hung"; 4]);
}

#[test]
fn limit_that_panics_is_none() {
    let trace = Trace::new();
    let ((), told) = told(|| {
        single().block_on(async {
            let reaper = Reaper::tokio().exit_limit(|| async {
                sleep(SECOND).await;
                panic!("the clock is broken")
            });
            let _entered = reaper.enter();
            drop_midway(stays(slow(&trace, "a", 0), slow(&trace, "b", 2)));
            reaper.join().await;
            let reaper = Reaper::tokio()
                .exit_limit(|| -> std::future::Ready<()> { panic!("there is no clock") });
            let _entered = reaper.enter();
            drop_midway(async { async_with!(ready(Ok(slow(&trace, "c", 2))), {}) });
            reaper.join().await;
        });
    });
    trace.expect(&["exited b", "exited a", "exited c"]);
    assert_eq!(
        told,
        [
            "Slow Panicked: \"the clock is broken\"",
            "Slow Panicked: \"there is no clock\""
        ]
    );
}

#[test]
fn exit_that_panics_when_it_is_dropped_is_told_of_twice() {
    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }

    struct Hangs;

    impl OwnedExit for Hangs {
        type Error = Failure;

        async fn exit_owned(self, _: OwnedOutcome) -> Result<(), Failure> {
            let _bomb = Bomb;
            pending().await
        }
    }

    let ((), told) = told(|| {
        single().block_on(async {
            let reaper = limited(1);
            let _entered = reaper.enter();
            drop_midway(async { async_with!(ready(Ok(Hangs)), {}) });
            reaper.join().await;
        });
    });
    assert_eq!(told, ["Hangs Hung: Hung", "Hangs Panicked: \"dropped\""]);
}

#[test]
fn local_reaper_has_limits_too() {
    /// Its exit must stay on its thread, and hangs.
    struct Here(Rc<()>);

    impl AsyncExit for Here {
        type Error = Failure;

        async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
            pending::<()>().await;
            drop(self.0);
            Ok(())
        }

        fn abandon(self, handoff: Handoff<'_>) {
            handoff.run_local(self.exit(Outcome::Cancelled));
        }
    }

    let ((), told) = told(|| {
        Executor::with_virtual_clock().block_on(async {
            let limit = || forwith_runtime::sleep(5 * SECOND);
            let reaper = LocalReaper::new(|exit| drop(forwith_runtime::spawn(exit)));
            let reaper = reaper.exit_limit(limit);
            let entered = reaper.enter();
            drop_midway(async {
                async_with!(ready(Ok(Here(Rc::new(())))), { pending::<()>().await })
            });
            drop(entered);
            let second = forwith_runtime::sleep(SECOND);
            let remaining = reaper.join_until(second).await.unwrap_err();
            assert_eq!((remaining.len(), reaper.pending()), (1, 1));
            assert!(remaining.running().next().is_some());
            assert!(format!("{reaper:?}").contains("Here"));
            reaper.join().await;
            assert_eq!(forwith_runtime::now(), 5 * SECOND);
        });
    });
    assert_eq!(told, ["Here Hung: Hung"]);
}

#[test]
fn token_as_a_limit_cuts_what_remains() {
    /// Its exit needs no clock, and hangs.
    struct Hangs;

    impl OwnedExit for Hangs {
        type Error = Failure;

        async fn exit_owned(self, _: OwnedOutcome) -> Result<(), Failure> {
            pending().await
        }
    }

    let ((), told) = told(|| {
        let stop = CancelToken::new();
        multi().block_on(async {
            let limit = stop.clone();
            let reaper = Reaper::tokio().exit_limit(move || limit.cancelled());
            reaper.install();
            for _ in 0..8 {
                let work = async { async_with!(ready(Ok(Hangs)), ready(Ok(Hangs)), {}) };
                tokio::spawn(async { drop_midway(work) }).await.unwrap();
            }
            let remaining = reaper.join_until(ready(())).await.unwrap_err();
            assert_eq!(remaining.len(), 16);
            stop.cancel();
            reaper.join().await;
        });
    });
    assert_eq!(told, ["Hangs Hung: Hung"; 16]);
}

#[test]
fn join_that_is_ready_wins_over_its_bound() {
    quietly(|| {
        let trace = Trace::new();
        single().block_on(async {
            let reaper = Reaper::tokio();
            let _entered = reaper.enter();
            drop_midway(async { async_with!(ready(Ok(slow(&trace, "a", 3))), {}) });
            let mut joined = pin!(reaper.join_until(sleep(3 * SECOND)));
            assert!(futures::poll!(&mut joined).is_pending());
            sleep(4 * SECOND).await; // both are over
            assert_eq!(joined.await, Ok(()));
        });
    });
}

#[test]
fn hung_exit_is_displayed_as_a_sentence() {
    let error = ExitError::Hung {
        resource: "app::Tx",
    };
    assert_eq!(
        error.to_string(),
        "the exit of app::Tx took longer than its reaper allows, and was dropped"
    );
    assert_eq!(error.resource(), "app::Tx");
}

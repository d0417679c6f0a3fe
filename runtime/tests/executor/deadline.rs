//! Deadlines that are moved and asked, by the virtual clock.

use std::cell::Cell;
use std::future::{pending, ready};
use std::time::Duration;

use forwith::{AsyncExit, Outcome, async_with, scope};
use forwith_runtime::{Deadline, Executor, JoinHandle, now, sleep, spawn, yield_now};
use futures::FutureExt;
use futures::future::join;

use crate::common::{Trace, run, secs};

/// Spawns a scope that waits for the deadline alone, and gives the time when it ends.
fn stopped(deadline: &Deadline) -> JoinHandle<Duration> {
    let deadline = deadline.clone();
    spawn(async move {
        assert!(scope(pending::<()>(), &deadline).await.is_err());
        now()
    })
}

/// Ends if the clock has moved only to `second` when all tasks wait for another thread: no timer
/// remains.
async fn no_timer_remains(second: u64) {
    let (sender, receiver) = futures::channel::oneshot::channel();
    std::thread::spawn(move || sender.send(()).unwrap());
    receiver.await.unwrap();
    assert_eq!(now(), secs(second));
}

#[test]
fn deadline_stops_a_scope() {
    run(async {
        sleep(secs(1)).await;
        assert_eq!(stopped(&Deadline::after(secs(3))).await.unwrap(), secs(4));
        assert_eq!(stopped(&Deadline::at(secs(9))).await.unwrap(), secs(9));
        let deadline = Deadline::after(secs(3));
        assert_eq!(scope(sleep(secs(2)), &deadline).await, Ok(()));
        assert_eq!(scope(sleep(secs(1)), deadline).await, Ok(())); // at the last moment
        no_timer_remains(12).await;
    });
}

#[test]
fn deadline_is_moved_before_the_first_poll() {
    for (before, after) in [(5, 9), (9, 5), (5, 2), (5, 1)] {
        run(async {
            let deadline = Deadline::after(secs(before));
            let work = scope(pending::<()>(), &deadline);
            sleep(secs(2)).await;
            deadline.set(secs(after));
            assert!(work.await.is_err());
            assert_eq!(now(), secs(after.max(2)));
        });
    }
}

#[test]
fn deadline_is_moved_while_somebody_waits() {
    for (before, after) in [(5, 9), (9, 5), (5, 2), (5, 1), (5, 5)] {
        run(async {
            let deadline = Deadline::after(secs(before));
            let stopped = stopped(&deadline);
            sleep(secs(2)).await;
            deadline.set(secs(after));
            assert_eq!(stopped.await.unwrap(), secs(after.max(2)));
            no_timer_remains(after.max(2)).await;
        });
    }
}

#[test]
fn deadline_is_moved_away_and_back() {
    run(async {
        let deadline = Deadline::after(secs(3));
        let stopped = stopped(&deadline);
        sleep(secs(1)).await;
        deadline.clear();
        deadline.extend_by(secs(1)); // never, and a second more
        assert_eq!((deadline.get(), deadline.remaining()), (None, None));
        no_timer_remains(1).await;
        sleep(secs(100)).await;
        assert!(!stopped.is_finished() && !deadline.has_passed());
        deadline.set(secs(103));
        assert_eq!(stopped.await.unwrap(), secs(103));
    });
}

#[test]
fn deadline_that_never_passes_needs_no_clock() {
    let deadline = Deadline::never();
    let mut work = Box::pin(scope(pending::<()>(), &deadline));
    assert_eq!((&mut work).now_or_never(), None);
    deadline.set(secs(2));
    deadline.extend_by(Duration::MAX);
    assert_eq!(deadline.get(), None);
    assert_eq!((&mut work).now_or_never(), None);
    assert!(!deadline.has_passed());
    assert_eq!(deadline.remaining(), None);
    deadline.set(secs(2));
    let ended = run(async move { (work.await.is_err(), now()) });
    assert_eq!(ended, (true, secs(2)));
}

#[test]
fn deadline_that_has_passed_lets_no_work_begin() {
    run(async {
        let deadline = Deadline::after(secs(1));
        sleep(secs(1)).await;
        let begun = Cell::new(false);
        let work = async { begun.set(true) };
        assert!(scope(work, &deadline).await.is_err());
        assert!(!begun.get());
        deadline.extend_by(secs(1));
        assert_eq!(scope(ready(1), &deadline).await, Ok(1)); // it is used again
        assert_eq!(now(), secs(1));
    });
}

#[test]
fn deadline_is_asked_from_inside() {
    run(async {
        let deadline = Deadline::after(secs(5));
        let work = async {
            assert_eq!(deadline.remaining(), Some(secs(5)));
            sleep(secs(2)).await;
            assert_eq!(deadline.remaining(), Some(secs(3)));
            deadline.extend_by(secs(4));
            assert_eq!(deadline.get(), Some(secs(9)));
            sleep(secs(6)).await;
            assert_eq!(deadline.remaining(), Some(secs(1)));
            deadline.set(secs(1));
            assert_eq!(deadline.remaining(), Some(Duration::ZERO));
            assert!(deadline.has_passed());
            yield_now().await; // the scope stops here
            unreachable!("the deadline has passed");
        };
        let ended: Result<(), _> = scope(work, &deadline).await;
        assert!(ended.is_err());
        assert_eq!(now(), secs(8));
    });
}

/// A scope polls its future before it looks at the deadline.
#[test]
fn work_that_moves_its_deadline_at_the_last_moment_runs_on() {
    run(async {
        let deadline = Deadline::after(secs(3));
        let work = async {
            for _ in 0..3 {
                sleep(secs(3)).await;
                assert!(deadline.has_passed());
                deadline.extend_by(secs(3));
            }
            pending::<()>().await;
        };
        assert!(scope(work, &deadline).await.is_err());
        assert_eq!(now(), secs(12));
    });
}

/// In the instant of the deadline, what counts is the task whose timer was armed first.
#[test]
fn another_task_moves_the_deadline_at_the_last_moment() {
    for (mover_is_first, end) in [(true, 5), (false, 3)] {
        run(async {
            let deadline = Deadline::after(secs(3));
            let mover = || {
                let deadline = deadline.clone();
                spawn(async move {
                    sleep(secs(3)).await;
                    deadline.set(secs(5));
                })
            };
            let first = mover_is_first.then(mover);
            let stopped = stopped(&deadline);
            let last = (!mover_is_first).then(mover);
            assert_eq!(stopped.await.unwrap(), secs(end));
            for mover in first.into_iter().chain(last) {
                mover.await.unwrap();
            }
        });
    }
}

#[test]
fn deadline_that_has_stopped_a_scope_spares_it_no_more() {
    let trace = Trace::default();
    run(async {
        let deadline = Deadline::at(secs(3));
        let work = async { async_with!(trace.open("a"), { pending::<()>().await }) };
        let moved = async {
            sleep(Duration::from_millis(3_500)).await;
            deadline.set(secs(60));
            deadline.clear();
            deadline.set(secs(1));
        };
        let (ended, ()) = join(scope(work, &deadline), moved).await;
        assert!(ended.is_err());
        trace.at("late");
    });
    assert_eq!(
        trace.take(),
        [
            "0s entering a",
            "1s entered a",
            "3s exiting a: Cancelled",
            "4s exited a",
            "4s late",
        ]
    );
}

#[test]
fn one_deadline_stops_several_scopes() {
    run(async {
        let deadline = Deadline::after(secs(3));
        let early = [stopped(&deadline), stopped(&deadline)];
        sleep(secs(1)).await;
        let late = stopped(&deadline);
        let nested = {
            let deadline = deadline.clone();
            let inner = scope(pending::<()>(), deadline.clone());
            let work = async move { inner.await.is_err() };
            spawn(async move { scope(work, deadline).await })
        };
        yield_now().await;
        deadline.set(secs(2));
        for stopped in early.into_iter().chain([late]) {
            assert_eq!(stopped.await.unwrap(), secs(2));
        }
        assert_eq!(nested.await.unwrap(), Ok(true)); // the inner one gives its error in time
        no_timer_remains(2).await;
    });
}

/// Asks for two seconds more, twice, while it exits.
struct Patient {
    trace: Trace,
    grace: Deadline,
}

impl AsyncExit for Patient {
    type Error = ();

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), ()> {
        self.trace.at(format!("exiting: {outcome:?}"));
        for _ in 0..2 {
            sleep(secs(2)).await;
            assert_eq!(self.grace.remaining(), Some(secs(1)));
            self.grace.extend_by(secs(2));
            self.trace.at("extended");
        }
        let _cut = self.trace.on_drop("cut");
        pending().await
    }
}

#[test]
fn exit_extends_its_grace() {
    let trace = Trace::default();
    run(async {
        let grace = Deadline::never();
        let work = async {
            let patient = Patient {
                trace: trace.clone(),
                grace: grace.clone(),
            };
            async_with!(ready(Ok(patient)), { pending::<()>().await })
        };
        let begin = || {
            grace.set(now() + secs(3));
            grace.passed()
        };
        let cancelled = scope(work, sleep(secs(10))).grace(begin).await;
        assert!(!cancelled.unwrap_err().is_graceful());
        trace.at("ended");
    });
    assert_eq!(
        trace.take(),
        [
            "10s exiting: Cancelled",
            "12s extended",
            "14s extended",
            "cut",
            "17s ended",
        ]
    );
}

#[test]
fn dropped_wait_leaves_no_timer() {
    run(async {
        let deadline = Deadline::after(secs(100));
        let mut waits = deadline.passed();
        assert_eq!((&mut waits).now_or_never(), None);
        drop(waits);
        assert_eq!(scope(sleep(secs(1)), &deadline).await, Ok(()));
        no_timer_remains(1).await;
        deadline.set(secs(2)); // nobody waits
        let mut waits = deadline.passed();
        (&mut waits).await;
        deadline.set(secs(100));
        assert_eq!((&mut waits).now_or_never(), None);
        deadline.set(secs(2));
        assert_eq!((&mut waits).now_or_never(), Some(()));
        no_timer_remains(2).await; // though `waits` is still there
        drop(waits);
    });
}

#[test]
fn another_thread_moves_the_deadline() {
    // A clock that runs, since nobody else would wake the executor; an hour does not pass.
    Executor::new().block_on(async {
        let deadline = Deadline::after(secs(3600));
        let stopped = stopped(&deadline);
        yield_now().await;
        let mover = std::thread::spawn({
            let deadline = deadline.clone();
            move || deadline.set(Duration::ZERO)
        });
        assert!(stopped.await.unwrap() < secs(3600));
        mover.join().unwrap();
    });
}

/// Moves one deadline a thousand times, while four scopes begin, one after the other. Each ends
/// when a plain interpretation says so.
#[test]
fn deadline_that_is_moved_at_random_stops_in_time() {
    for seed in 1..50_u64 {
        run(async {
            let mut random = seed;
            let mut below = |limit: u64| {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                (random >> 33) % limit
            };
            let deadline = Deadline::never();
            let mut model: Option<u64> = None;
            let mut time = 0;
            let mut running: Vec<(JoinHandle<Duration>, Option<u64>)> = Vec::new();
            for step in 0..1_000 {
                if step % 250 == 0 {
                    let ended = model.filter(|&at| at <= time).map(|_| time);
                    running.push((stopped(&deadline), ended));
                    yield_now().await;
                }
                match below(8) {
                    0 => {
                        deadline.clear();
                        model = None;
                    }
                    1..=3 => {
                        let by = below(4);
                        deadline.extend_by(secs(by));
                        model = model.map(|at| at + by);
                    }
                    _ => {
                        let at = (time + below(24)).saturating_sub(3);
                        deadline.set(secs(at));
                        model = Some(at);
                    }
                }
                // A deadline within this step passes at its time, or now if that is over.
                let next = time + below(4);
                for (_, ended) in &mut running {
                    *ended = ended.or(model.filter(|&at| at <= next).map(|at| at.max(time)));
                }
                yield_now().await;
                if next > time {
                    sleep(secs(next - time)).await;
                }
                yield_now().await;
                time = next;
            }
            deadline.set(now());
            for (stopped, ended) in running {
                let ended = secs(ended.unwrap_or(time));
                assert_eq!(stopped.await.unwrap(), ended, "seed {seed}");
            }
        });
    }
}

//! Sleeps, timeouts and gathering, by the virtual clock.

#![allow(
    clippy::async_yields_async,
    reason = "a handle is asked when its executor has ended"
)]

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use forwith::async_with;
use forwith_runtime::by_hand::{Coroutine, Reply, Request, Step};
use forwith_runtime::time::Sleep;
use forwith_runtime::{
    Timeline, block_on, gather, now, sleep, sleep_until, spawn, timeout, timeout_at, yield_now,
};
use futures::StreamExt;
use futures::future::{Either, FutureExt, join, select};
use futures::stream::FuturesUnordered;

use crate::common::{OnDrop, Trace, millis, run, secs};

async fn cube(x: u64) -> u64 {
    sleep(secs(x)).await;
    x * x * x
}

#[test]
fn timers_fire_by_deadline_then_by_arming() {
    let trace = Trace::default();
    let sleeper = |(n, ms)| {
        let trace = trace.clone();
        async move {
            sleep(millis(ms)).await;
            trace.add(format!("{n} at {ms}"));
            assert_eq!(now(), millis(ms));
        }
    };
    run(async { gather([30, 10, 20, 10].into_iter().enumerate().map(sleeper)).await });
    assert_eq!(trace.take(), ["1 at 10", "3 at 10", "2 at 20", "0 at 30"]);
}

#[test]
fn virtual_clock_is_exact_and_costs_no_time() {
    let started = Instant::now();
    run(async {
        for hour in 1..=1000 {
            sleep(secs(3600)).await;
            assert_eq!(now(), secs(3600 * hour));
        }
    });
    assert!(started.elapsed() < secs(3600));
}

#[test]
fn dropped_sleep_does_not_move_the_clock() {
    run(async {
        let long = Box::pin(sleep(secs(100)));
        let Either::Left(((), long)) = select(Box::pin(sleep(secs(1))), long).await else {
            panic!("the longer sleep ended first");
        };
        drop(long);
        sleep(secs(2)).await;
        assert_eq!(now(), secs(3));
    });
}

#[test]
fn sleep_begins_when_first_polled() {
    run(async {
        let nap = sleep(secs(2));
        sleep(secs(5)).await;
        nap.await;
        assert_eq!(now(), secs(7));
    });
}

#[test]
fn sleep_restarts_in_another_executor() {
    let mut nap = sleep(secs(2));
    let first = run(async { timeout(secs(1), &mut nap).await.is_err() });
    assert!(first);
    run(async {
        nap.await;
        assert_eq!(now(), secs(2));
    });
}

#[test]
fn moved_sleep_leaves_no_timer_behind() {
    let mut coroutine = Coroutine::new(async {
        let mut nap = sleep(secs(1));
        assert_eq!((&mut nap).now_or_never(), None);
        run(&mut nap);
        pending::<()>().await;
    });
    let asked = coroutine.send(Reply::Granted);
    assert_eq!(asked, Ok(Step::Yielded(Request::Other)));
}

#[test]
fn sleep_may_be_dropped_on_another_thread() {
    run(async {
        let mut nap = sleep(secs(1));
        assert_eq!((&mut nap).now_or_never(), None);
        std::thread::spawn(move || drop(nap)).join().unwrap();
        sleep(secs(2)).await;
        assert_eq!(now(), secs(2));
    });
}

#[test]
fn endless_sleep_does_not_overflow() {
    run(async {
        sleep(secs(1)).await;
        assert!(timeout(secs(1), sleep(Duration::MAX)).await.is_err());
        assert_eq!(now(), secs(2));
    });
    block_on(async { assert_eq!(timeout(Duration::MAX, ready(1)).await, Ok(1)) });
}

#[test]
fn real_clock_is_never_early() {
    block_on(async {
        let (clock, watch) = (now(), Instant::now());
        sleep(millis(3)).await;
        assert!(now() >= clock + millis(3));
        assert!(watch.elapsed() >= millis(3));
    });
}

#[test]
fn join_wakes_for_each_of_its_timers() {
    run(async {
        let both = join(sleep(secs(1)), sleep(secs(2))).await;
        assert_eq!((both, now()), (((), ()), secs(2)));
    });
}

#[test]
fn value_at_the_last_moment_wins_over_the_timeout() {
    run(async {
        assert_eq!(timeout(secs(3), cube(3)).await, Ok(27));
        assert!(timeout(secs(3), cube(4)).await.is_err());
        assert_eq!(timeout(Duration::ZERO, ready(1)).await, Ok(1));
    });
}

#[test]
fn future_is_dropped_when_the_time_is_up() {
    let trace = Trace::default();
    run(async {
        let guard = trace.on_drop("dropped");
        let slow = async move {
            let _guard = guard;
            pending::<()>().await;
        };
        let mut limit = Box::pin(timeout(secs(1), slow));
        assert!(limit.as_mut().await.is_err());
        assert_eq!(trace.take(), ["dropped"]); // though `limit` is still there
        drop(limit);
    });
}

#[test]
fn exits_are_awaited_when_the_time_is_up() {
    let trace = Trace::default();
    run(async {
        let slow = async {
            async_with!(trace.open("a"), trace.open("b"), {
                let _inside = trace.on_drop("dropped");
                pending::<()>().await;
            })
        };
        assert!(timeout(secs(5), slow).await.is_err());
        trace.at("late");
    });
    assert_eq!(
        trace.take(),
        [
            "0s entering a",
            "1s entered a",
            "1s entering b",
            "2s entered b",
            "dropped",
            "5s exiting b: Cancelled",
            "6s exited b",
            "6s exiting a: Cancelled",
            "7s exited a",
            "7s late",
        ]
    );
}

#[test]
fn value_arrives_if_the_exit_began_in_time() {
    let trace = Trace::default();
    run(async {
        let quick = async { async_with!(trace.open("a"), { 7 }) };
        assert_eq!(timeout(millis(1_500), quick).await, Ok(Ok(7)));
        assert_eq!(now(), secs(2));
    });
}

#[test]
fn ended_timeout_leaves_no_timer() {
    run(async {
        assert_eq!(timeout(secs(100), cube(1)).await, Ok(1));
        assert!(timeout(secs(1), pending::<()>()).await.is_err());
        let mut kept = Box::pin(timeout(secs(100), cube(1)));
        assert_eq!(kept.as_mut().await, Ok(1));
        // No timer remains, so the clock waits for the other thread.
        let (sender, receiver) = futures::channel::oneshot::channel();
        std::thread::spawn(move || sender.send(()).unwrap());
        receiver.await.unwrap();
        assert_eq!(now(), secs(3));
        drop(kept);
    });
}

#[test]
fn timeout_of_a_ready_future_needs_no_clock() {
    let quick = timeout(secs(1), ready(1));
    assert_eq!(futures::executor::block_on(quick), Ok(1));
}

#[test]
fn timeout_stepped_by_hand_polls_its_future_first() {
    let mut coroutine = Coroutine::new(timeout(secs(3), cube(3)));
    coroutine.send(Reply::Granted).unwrap();
    assert_eq!(coroutine.send(Reply::Granted), Ok(Step::Returned(Ok(27))));
}

#[test]
fn sleep_until_goes_by_the_clock() {
    run(async {
        let until = sleep_until(secs(5));
        sleep(secs(2)).await;
        until.await;
        assert_eq!(now(), secs(5));
        sleep_until(secs(3)).await;
        assert_eq!(now(), secs(5)); // it has passed
    });
    let never = async { timeout(secs(1), sleep_until(Duration::MAX)).await };
    run(never).unwrap_err();
}

#[test]
fn sleep_tells_its_deadline_and_what_remains() {
    run(async {
        sleep(secs(1)).await;
        let mut nap = sleep(secs(4));
        assert_eq!((nap.deadline(), nap.remaining()), (None, None));
        assert_eq!((&mut nap).now_or_never(), None);
        sleep(secs(1)).await;
        assert_eq!(nap.deadline(), Some(secs(5)));
        assert_eq!(nap.remaining(), Some(secs(3)));
        (&mut nap).await;
        assert_eq!((nap.deadline(), nap.remaining()), (None, None));
        let late = sleep_until(secs(3));
        assert_eq!(late.deadline(), Some(secs(3)));
        assert_eq!(late.remaining(), Some(Duration::ZERO));
    });
    assert_eq!(sleep_until(secs(3)).remaining(), None); // by no clock
}

#[test]
fn sleep_tells_its_deadline_only_by_its_clock() {
    let mut nap = sleep(secs(4));
    run(async {
        assert_eq!((&mut nap).now_or_never(), None);
        run(async { sleep(secs(1)).await });
        assert_eq!(nap.remaining(), Some(secs(4)));
        let inside = run(async {
            sleep(secs(1)).await;
            nap.remaining() // by the clock around
        });
        assert_eq!(inside, Some(secs(4)));
    });
    assert_eq!((nap.deadline(), nap.remaining()), (None, None));
}

/// A sleep that one task awaits and another one moves.
#[derive(Clone)]
struct Movable(Rc<RefCell<Sleep>>);

impl Movable {
    fn new(sleep: Sleep) -> Self {
        Movable(Rc::new(RefCell::new(sleep)))
    }

    fn reset(&self, deadline: Duration) {
        self.0.borrow_mut().reset(deadline);
    }

    /// Gives the time when it ends.
    async fn ended(self) -> Duration {
        poll_fn(|cx| Pin::new(&mut *self.0.borrow_mut()).poll(cx)).await;
        now()
    }
}

#[test]
fn moved_sleep_ends_at_its_new_deadline() {
    for (before, after) in [(5, 9), (9, 5), (5, 2), (5, 1), (5, 5)] {
        run(async {
            for nap in [sleep(secs(before)), sleep_until(secs(before))] {
                let begun = now();
                let nap = Movable::new(nap);
                nap.reset(begun + secs(before));
                let ended = spawn(nap.clone().ended());
                sleep(secs(2)).await;
                nap.reset(begun + secs(after));
                assert_eq!(ended.await.unwrap(), begun + secs(after.max(2)));
            }
        });
    }
}

#[test]
fn moved_sleep_leaves_one_timer() {
    run(async {
        let nap = Movable::new(sleep(secs(5)));
        let ended = spawn(nap.clone().ended());
        yield_now().await;
        nap.reset(secs(100));
        nap.reset(secs(3));
        assert_eq!(ended.await.unwrap(), secs(3));
        // No timer remains, so the clock waits for the other thread.
        let (sender, receiver) = futures::channel::oneshot::channel();
        std::thread::spawn(move || sender.send(()).unwrap());
        receiver.await.unwrap();
        assert_eq!(now(), secs(3));
    });
}

#[test]
fn sleep_that_has_ended_begins_anew_when_moved() {
    run(async {
        let mut nap = sleep(secs(1));
        (&mut nap).await;
        nap.reset(secs(4));
        assert_eq!(nap.remaining(), Some(secs(3)));
        (&mut nap).await;
        assert_eq!(now(), secs(4));
    });
}

#[test]
fn sleep_may_be_moved_away_from_its_clock() {
    let mut nap = sleep(secs(5));
    run(async { assert_eq!((&mut nap).now_or_never(), None) });
    nap.reset(secs(2));
    run(async {
        sleep(secs(1)).await;
        nap.await;
        assert_eq!(now(), secs(2));
    });
}

#[test]
fn moved_sleep_is_asked_for_and_recorded() {
    let record = Timeline::new();
    let nap = Movable::new(sleep(secs(5)).labelled("nap"));
    let ended = nap.clone().ended();
    let mut coroutine = Coroutine::new(async {
        let (ended, ()) = join(ended, async {
            yield_now().await;
            nap.reset(secs(3));
        })
        .await;
        ended
    })
    .record(&record, "sleeper");
    coroutine.send(Reply::Granted).unwrap();
    let Ok(Step::Yielded(request)) = coroutine.send(Reply::Granted) else {
        panic!("it waits for the nap");
    };
    let asked = "Please do not continue until 3 seconds have elapsed (nap).";
    assert_eq!(request.to_string(), asked);
    assert_eq!(coroutine.send(Reply::Granted), Ok(Step::Returned(secs(3))));
    let text = record.to_string();
    assert!(
        text.contains("┊ 5s: nap") && text.contains("┊ 3s: nap"),
        "{text}"
    );
}

/// Moves a dozen sleeps a thousand times. Each ends at its last deadline.
#[test]
fn sleeps_that_are_moved_at_random_end_in_time() {
    for seed in 1..20_u64 {
        run(async {
            let mut random = seed;
            let mut below = |limit: u64| {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                (random >> 33) % limit
            };
            let mut deadlines: Vec<_> = (0..12).map(|_| millis(1 + below(300_000))).collect();
            let naps: Vec<_> = deadlines
                .iter()
                .map(|&deadline| Movable::new(sleep(deadline)))
                .collect();
            let ended: Vec<_> = naps.iter().map(|nap| spawn(nap.clone().ended())).collect();
            for _ in 0..1_000 {
                sleep(millis(below(100))).await;
                let moved = usize::try_from(below(12)).unwrap();
                // A sleep that is due may have ended.
                if deadlines[moved] > now() {
                    deadlines[moved] = now() + millis(below(100_000));
                    naps[moved].reset(deadlines[moved]);
                }
            }
            for (ended, deadline) in ended.into_iter().zip(deadlines) {
                assert_eq!(ended.await.unwrap(), deadline, "seed {seed}");
            }
        });
    }
}

#[test]
fn timeout_at_is_one_limit_for_several_steps() {
    run(async {
        let deadline = now() + secs(5);
        assert_eq!(timeout_at(deadline, cube(3)).await, Ok(27));
        assert_eq!(timeout_at(deadline, cube(2)).await, Ok(8)); // at the last moment
        assert!(timeout_at(deadline, cube(1)).await.is_err());
        assert_eq!(now(), deadline);
        assert_eq!(timeout_at(deadline, ready(1)).await, Ok(1));
        let late = timeout_at(secs(1), pending::<()>()).await.unwrap_err();
        assert_eq!(late.to_string(), "the deadline has passed");
        assert_eq!(now(), deadline);
    });
    let quick = timeout_at(secs(1), ready(1));
    assert_eq!(futures::executor::block_on(quick), Ok(1));
}

#[test]
fn exits_are_awaited_when_the_deadline_has_passed() {
    let trace = Trace::default();
    run(async {
        let work = async { async_with!(trace.open("a"), { pending::<()>().await }) };
        assert!(timeout_at(secs(3), work).await.is_err());
        trace.at("late");
    });
    let log = trace.take();
    let expected = ["3s exiting a: Cancelled", "4s exited a", "4s late"];
    assert_eq!(log[2..], expected);
}

#[test]
fn gather_takes_the_longest_time_and_keeps_order() {
    run(async {
        assert_eq!(gather([cube(5), cube(3), cube(4)]).await, [125, 27, 64]);
        assert_eq!(now(), secs(5));
    });
}

#[test]
fn gathering_nothing_needs_no_executor() {
    let nothing = gather(Vec::<std::future::Ready<()>>::new());
    assert_eq!(nothing.now_or_never(), Some(vec![]));
}

#[test]
fn panic_resumes_in_a_gather_after_the_others_exit() {
    let trace = Trace::default();
    run(async {
        let worse = async {
            let _guard = OnDrop(|| panic!("worse"));
            pending::<()>().await;
        };
        let bad = async {
            sleep(secs(2)).await;
            panic!("bad");
        };
        let other = stays(trace.clone(), "other");
        let gathered = gather([other.boxed_local(), bad.boxed_local(), worse.boxed_local()]);
        let result = AssertUnwindSafe(gathered).catch_unwind().await;
        assert_eq!(result.unwrap_err().downcast_ref(), Some(&"bad"));
        trace.at("resumed");
    });
    let log = trace.take();
    let expected = [
        "2s exiting other: Cancelled",
        "3s exited other",
        "3s resumed",
    ];
    assert_eq!(log[2..], expected);
}

/// Enters a resource and stays in its body.
async fn stays(trace: Trace, name: &'static str) {
    let _ = async_with!(trace.open(name), { pending::<()>().await });
}

#[test]
fn scope_around_a_gather_ends_with_its_tasks() {
    let trace = Trace::default();
    run(async {
        let work = async {
            async_with!(trace.open("around"), {
                let tasks = [stays(trace.clone(), "a"), stays(trace.clone(), "b")];
                gather(tasks).await;
            })
        };
        assert!(timeout(secs(3), work).await.is_err());
        trace.at("late");
    });
    assert_eq!(
        trace.take(),
        [
            "0s entering around",
            "1s entered around",
            "1s entering a",
            "1s entering b",
            "2s entered a",
            "2s entered b",
            "3s exiting a: Cancelled",
            "3s exiting b: Cancelled",
            "4s exited a",
            "4s exited b",
            "4s exiting around: Cancelled",
            "5s exited around",
            "5s late",
        ]
    );
}

#[test]
fn gather_in_futures_unordered_is_cancelled() {
    let trace = Trace::default();
    run(async {
        let gathers = ["a", "b"].map(|name| gather([stays(trace.clone(), name)]));
        let mut all: FuturesUnordered<_> = gathers.into_iter().collect();
        assert!(timeout(secs(3), all.next()).await.is_err());
        trace.at("late");
    });
    let log = trace.take();
    assert_eq!(log[6..], ["4s exited a", "4s exited b", "4s late"]);
}

#[test]
fn dropped_gather_lets_its_tasks_exit() {
    let trace = Trace::default();
    run(async {
        let gathered = gather([stays(trace.clone(), "a")]);
        let Either::Left(_) = select(Box::pin(sleep(secs(2))), gathered).await else {
            panic!("the tasks have no end");
        };
        trace.at("dropped");
    });
    let log = trace.take();
    let expected = ["2s dropped", "2s exiting a: Cancelled", "3s exited a"];
    assert_eq!(log[2..], expected);
}

#[test]
fn cancelled_gatherer_cancels_its_tasks() {
    let trace = Trace::default();
    let later = run(async {
        let gathered = gather([stays(trace.clone(), "a")]);
        let later = spawn(async move {
            gathered.await;
        });
        sleep(secs(2)).await;
        later
    });
    assert!(run(later).unwrap_err().is_cancelled());
    assert_eq!(trace.take().last().unwrap(), "3s exited a");
}

#[test]
fn dropped_gatherer_cancels_the_remaining_tasks() {
    let ended = Rc::new(Cell::new(0));
    run(async {
        let count = |x| {
            let ended = ended.clone();
            async move {
                sleep(secs(x)).await;
                ended.set(ended.get() + 1);
            }
        };
        let gathered = gather([count(1), count(3)]);
        assert!(timeout(secs(2), gathered).await.is_err());
        sleep(secs(5)).await;
    });
    assert_eq!(ended.get(), 1);
}

#[test]
fn sleeping_outside_says_what_to_do() {
    let panic = catch_unwind(|| sleep(secs(1)).now_or_never()).unwrap_err();
    let message = panic.downcast_ref::<String>().cloned();
    let message = message
        .or(panic.downcast_ref::<&str>().map(ToString::to_string))
        .unwrap();
    assert!(message.starts_with("`sleep` needs a clock: await it inside"));
}

#[test]
fn coroutine_in_a_task_has_its_own_time() {
    run(async {
        let ticker = spawn(async {
            sleep(secs(1)).await;
            now()
        });
        let mut coroutine = Coroutine::new(cube(3));
        coroutine.send(Reply::Granted).unwrap();
        yield_now().await;
        coroutine.send(Reply::Now(secs(100))).unwrap();
        assert_eq!(now(), Duration::ZERO);
        assert_eq!(ticker.await.unwrap(), secs(1));
    });
}

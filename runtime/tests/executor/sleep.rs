//! Sleeps, by the virtual clock: how they begin and end, and how they are moved and asked.

use std::cell::RefCell;
use std::future::{Future, pending, poll_fn, ready};
use std::panic::catch_unwind;
use std::pin::Pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use forwith_runtime::by_hand::{Coroutine, Reply, Request, Step};
use forwith_runtime::time::Sleep;
use forwith_runtime::{
    Timeline, block_on, gather, now, sleep, sleep_until, spawn, timeout, yield_now,
};
use futures::future::{Either, FutureExt, join, select};

use crate::common::{Trace, cube, millis, run, secs};

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

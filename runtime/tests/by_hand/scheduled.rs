//! Coroutines that are stepped by hand first, and then awaited in an executor.

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use forwith::async_with;
use forwith_runtime::by_hand::{Coroutine, Reply, Request, Step};
use forwith_runtime::mock::Database;
use forwith_runtime::timeline::{EventKind, note};
use forwith_runtime::{Executor, Timeline, block_on, now, sleep, spawn, timeout, yield_now};
use futures::channel::oneshot;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};

use crate::common::{millis, secs};

async fn cube(x: u64) -> u64 {
    sleep(secs(x)).await;
    x * x * x
}

fn virtually<F: Future>(future: F) -> F::Output {
    Executor::with_virtual_clock().block_on(future)
}

/// Steps a coroutine that waits afterwards, and gives what it asks for.
#[track_caller]
fn step<F: Future>(coroutine: &mut Coroutine<F>, reply: Reply) -> Request {
    match coroutine.send(reply) {
        Ok(Step::Yielded(request)) => request,
        _ => panic!("it waits for nothing"),
    }
}

#[test]
fn new_coroutine_runs_from_its_first_line() {
    let (cube, time) = virtually(async { (Coroutine::new(cube(3)).await, now()) });
    assert_eq!((cube, time), (27, secs(3)));
}

#[test]
fn started_coroutine_continues_where_it_is() {
    let mut coroutine = Coroutine::new(async {
        sleep(secs(3)).await;
        sleep(secs(4)).await;
        now()
    });
    step(&mut coroutine, Reply::Granted);
    step(&mut coroutine, Reply::Now(secs(5))); // two seconds late
    step(&mut coroutine, Reply::Now(secs(6))); // three too early
    let times = virtually(async { (coroutine.await, now()) });
    assert_eq!(times, (secs(9), secs(3)));
}

#[test]
fn time_advanced_by_hand_counts() {
    let mut coroutine = Coroutine::new(cube(3));
    step(&mut coroutine, Reply::Granted);
    coroutine.advance_to(secs(2));
    assert_eq!(virtually(async { (coroutine.await, now()) }), (27, secs(1)));
}

#[test]
fn clocks_run_together_once_it_is_awaited() {
    let mut coroutine = Coroutine::new(cube(3));
    step(&mut coroutine, Reply::Granted);
    virtually(async {
        sleep(secs(100)).await; // it has not been handed over yet
        assert_eq!(coroutine.await, 27);
        assert_eq!(now(), secs(103));
    });
}

#[test]
fn yield_lets_other_tasks_run() {
    let order = RefCell::new(Vec::new());
    let turns = |name| {
        let order = &order;
        async move {
            for turn in 1..=3 {
                order.borrow_mut().push((name, turn));
                yield_now().await;
            }
        }
    };
    let [mut a, mut b] = ["a", "b"].map(|name| Coroutine::new(turns(name)));
    step(&mut a, Reply::Granted);
    step(&mut b, Reply::Granted);
    block_on(async { futures::join!(a.into_future(), b.into_future()) });
    let expected = [("a", 1), ("b", 1), ("a", 2), ("b", 2), ("a", 3), ("b", 3)];
    assert_eq!(*order.borrow(), expected);
}

#[test]
fn yield_asked_by_hand_still_takes_a_turn() {
    let order = std::rc::Rc::new(RefCell::new(Vec::new()));
    let note = order.clone();
    let mut coroutine = Coroutine::new(async move {
        yield_now().await;
        note.borrow_mut().push("coroutine");
    });
    step(&mut coroutine, Reply::Granted);
    block_on(async {
        let coroutine = spawn(coroutine.into_future());
        let note = order.clone();
        spawn(async move { note.borrow_mut().push("other") });
        coroutine.await.unwrap();
    });
    assert_eq!(*order.borrow(), ["other", "coroutine"]);
}

#[test]
fn foreign_future_wakes_the_executor() {
    let (sender, receiver) = oneshot::channel();
    let mut coroutine = Coroutine::new(receiver);
    assert_eq!(step(&mut coroutine, Reply::Granted), Request::Other);
    let value = block_on(async {
        let coroutine = spawn(coroutine.into_future());
        yield_now().await; // by now it waits
        sender.send(27).unwrap();
        coroutine.await.unwrap()
    });
    assert_eq!(value, Ok(27));
}

#[test]
fn first_of_several_waits_wins() {
    let (sender, receiver) = oneshot::channel();
    let mut coroutine = Coroutine::new(async {
        futures::select! {
            value = receiver.fuse() => value.unwrap(),
            _ = cube(1000).fuse() => 0,
        }
    });
    step(&mut coroutine, Reply::Granted);
    virtually(async {
        spawn(async {
            sleep(secs(1)).await;
            sender.send(27).unwrap();
        });
        assert_eq!(coroutine.await, 27);
        sleep(secs(1)).await;
        assert_eq!(now(), secs(2));
    });
}

#[test]
fn combinators_that_poll_only_woken_futures_resume() {
    let mut coroutine = Coroutine::new(async {
        let mut cubes = FuturesUnordered::from_iter([3, 2, 2].map(cube));
        yield_now().await;
        let mut seen = Vec::new();
        while let Some(cube) = cubes.next().await {
            seen.push(cube);
        }
        seen
    });
    step(&mut coroutine, Reply::Granted);
    step(&mut coroutine, Reply::Granted);
    assert_eq!(virtually(coroutine.into_future()), [8, 8, 27]);
}

#[test]
fn every_wait_costs_one_poll() {
    let polls = Cell::new(0);
    let waits = async {
        for _ in 0..10 {
            sleep(secs(1)).await;
            yield_now().await;
        }
    };
    let mut waits = Box::pin(waits);
    let coroutine = Coroutine::new(poll_fn(|cx| {
        polls.set(polls.get() + 1);
        waits.as_mut().poll(cx)
    }));
    virtually(coroutine.into_future());
    assert_eq!(polls.get(), 21);
}

#[test]
fn endless_sleep_is_endless_on_any_clock() {
    let mut inner = Coroutine::new(sleep(Duration::MAX));
    inner.advance_to(secs(5));
    step(&mut inner, Reply::Granted);
    let mut outer = Coroutine::new(inner);
    let endless = Request::Sleep {
        duration: Duration::MAX,
        what: None,
    };
    assert_eq!(step(&mut outer, Reply::Granted), endless);
}

#[test]
fn sleep_of_an_inner_coroutine_asks_the_outer_stepper() {
    let mut inner = Coroutine::new(cube(3));
    step(&mut inner, Reply::Granted);
    let mut outer = Coroutine::new(inner);
    let request = step(&mut outer, Reply::Now(secs(10)));
    assert_eq!(
        request.to_string(),
        "Please do not continue until 3 seconds have elapsed."
    );
    assert_eq!(outer.send(Reply::Now(secs(13))), Ok(Step::Returned(27)));
}

#[test]
fn yield_of_an_inner_coroutine_asks_the_outer_stepper() {
    for started in [false, true] {
        let mut inner = Coroutine::new(yield_now());
        if started {
            step(&mut inner, Reply::Granted);
        }
        let nap = sleep(secs(3));
        let mut outer = Coroutine::new(async { futures::join!(inner.into_future(), nap) });
        assert_eq!(step(&mut outer, Reply::Granted), Request::Yield);
        // The yield was granted, not the nap.
        let nap = step(&mut outer, Reply::Granted).to_string();
        assert_eq!(nap, "Please do not continue until 3 seconds have elapsed.");
        assert_eq!(outer.send(Reply::Granted), Ok(Step::Returned(((), ()))));
    }
}

#[test]
fn coroutine_crosses_two_executors() {
    let mut handed_over = Box::pin(Coroutine::new(cube(5)).into_future());
    for _ in 0..2 {
        virtually(async {
            sleep(secs(7)).await;
            timeout(secs(2), &mut handed_over).await.unwrap_err();
        });
    }
    virtually(async {
        assert_eq!(handed_over.await, 125);
        assert_eq!(now(), secs(1));
    });
}

#[test]
fn cancelled_task_exits_what_was_entered_by_hand() {
    let database = Database::new();
    let server = database.clone();
    let mut coroutine = Coroutine::new(async move {
        let connect = server.connect("mock://db.somedomain.net");
        async_with!(connect, { pending::<()>().await })
    });
    for _ in 0..3 {
        step(&mut coroutine, Reply::Granted); // connecting, handshake, pending
    }
    virtually(async {
        let task = spawn(coroutine.into_future());
        sleep(secs(1)).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(now(), millis(1_200)); // with the goodbye
    });
    database.audit().unwrap();
    let last = database.log().pop().unwrap().to_string();
    assert_eq!(last, "  1.500s  connection 1: closed"); // the handshake took 0.3 seconds
}

#[test]
fn exit_begun_by_hand_is_awaited_by_the_executor() {
    let database = Database::new();
    let mut coroutine =
        Coroutine::new(async { async_with!(database.connect("mock://db.somedomain.net"), { 27 }) });
    for _ in 0..3 {
        step(&mut coroutine, Reply::Granted); // connecting, handshake, goodbye
    }
    virtually(async {
        assert_eq!(coroutine.await, Ok(27));
        assert_eq!(now(), millis(200));
    });
    database.audit().unwrap();
}

#[test]
fn panicked_coroutine_cannot_be_awaited_again() {
    let mut handed_over = Coroutine::new(async { panic!("oh") }).into_future();
    let mut cx = Context::from_waker(Waker::noop());
    let mut poll = || catch_unwind(AssertUnwindSafe(|| handed_over.poll_unpin(&mut cx)));
    let panic: Box<dyn std::any::Any + Send> = poll().map(|_: Poll<()>| ()).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"oh"));
    let panic = poll().unwrap_err();
    let sentence = "the coroutine has finished: it cannot be awaited any more";
    assert_eq!(panic.downcast_ref(), Some(&sentence));
}

#[test]
fn coroutine_without_waits_needs_no_clock() {
    let mut coroutine = Coroutine::new(async {
        yield_now().await;
        ready(27).await
    });
    step(&mut coroutine, Reply::Granted);
    assert_eq!(futures::executor::block_on(coroutine.into_future()), 27);
    let sleeps = Coroutine::new(cube(1)).into_future();
    let panic = catch_unwind(AssertUnwindSafe(|| futures::executor::block_on(sleeps)));
    let sentence = panic.unwrap_err();
    let sentence = sentence.downcast_ref::<String>().unwrap();
    assert!(sentence.starts_with("`sleep` needs a clock"), "{sentence}");
}

#[test]
fn recording_continues_in_its_own_lane() {
    let record = Timeline::new();
    let told = |x| async move {
        let cube = cube(x).await;
        note("told");
        yield_now().await;
        cube
    };
    let mut first = Coroutine::new(told(3)).record(&record, "first");
    let second = Coroutine::new(told(2)).record(&record, "second");
    step(&mut first, Reply::Granted);
    virtually(async { futures::join!(first.into_future(), second.into_future()) });
    let text = record.to_string();
    let (_legend, rows) = text.split_once("\n\n").unwrap();
    assert_eq!(
        rows.lines().collect::<Vec<_>>(),
        [
            "     time  first          second",
            "   0.000s  ○ spawned",
            "           ┊              ○ spawned",
            "           ┊ 3s           ┊",
            "           ┊              ┊ 2s",
            "   2.000s  ┊              ● told",
            "           ┊              ┊ the others",
            "           ┊              ■ finished",
            "   3.000s  ● told",
            "           ┊ the others",
            "           ■ finished",
        ]
    );
}

#[test]
fn notes_go_to_the_innermost_lane() {
    let (outer, inner) = (Timeline::new(), Timeline::new());
    let notes = |timeline: &Timeline| {
        let events = timeline.events().into_iter();
        let notes = events.filter_map(|event| match event.kind {
            EventKind::Note(text) => Some(text),
            _ => None,
        });
        notes.collect::<Vec<_>>()
    };
    Executor::with_virtual_clock()
        .record(&outer)
        .block_on(async {
            let body = || async { note("hello") };
            Coroutine::new(body()).send(Reply::Granted).unwrap();
            assert_eq!(notes(&outer), ["hello"]);
            let mut recorded = Coroutine::new(async {
                Coroutine::new(body()).send(Reply::Granted).unwrap();
                spawn(async { note("task") }).await.unwrap();
            })
            .record(&inner, "inner");
            step(&mut recorded, Reply::Granted);
            yield_now().await;
            recorded.await;
        });
    assert_eq!(notes(&outer), ["hello", "task"]);
    assert_eq!(notes(&inner), ["hello"]);
    assert!(inner.to_string().contains("┊ a task"), "{inner}");
}

#[test]
fn dropped_wait_is_recorded() {
    let record = Timeline::new();
    let mut coroutine = Coroutine::new(async {
        assert_eq!(cube(5).now_or_never(), None);
        yield_now().await;
    })
    .record(&record, "impatient");
    step(&mut coroutine, Reply::Granted);
    let given_up = EventKind::WaitDropped {
        what: None,
        until: Some(secs(5)),
    };
    assert!(record.events().iter().any(|event| event.kind == given_up));
}

#[test]
fn every_end_is_recorded() {
    let record = Timeline::new();
    let recorded =
        |name| move |record: &Timeline| Coroutine::new(pending::<()>()).record(record, name);
    drop(recorded("never started")(&record));
    let mut dropped = recorded("dropped")(&record);
    step(&mut dropped, Reply::Granted);
    drop(dropped);
    let mut panicking = Coroutine::new(async { panic!("oh") }).record(&record, "panics");
    let result: Result<Result<Step<()>, _>, _> =
        catch_unwind(AssertUnwindSafe(|| panicking.send(Reply::Granted)));
    result.unwrap_err();
    drop(panicking);
    let ends = record.events().into_iter().map(|event| event.kind);
    let ends = ends.filter(|kind| !matches!(kind, EventKind::Spawned { .. }));
    let poll = |ready| [EventKind::PollStarted, EventKind::PollEnded { ready }];
    let mut expected = vec![EventKind::Aborted];
    expected.extend(poll(false));
    expected.push(EventKind::Aborted);
    expected.extend(poll(true));
    expected.push(EventKind::Panicked);
    assert_eq!(ends.collect::<Vec<_>>(), expected);
}

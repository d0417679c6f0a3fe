//! Coroutines that are stepped by hand.

use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;
use std::time::Duration;

use forwith::{AsyncEnter, AsyncExit, Outcome, scope};
use forwith_runtime::by_hand::{Coroutine, Finished, Reply, Request, Step};
use forwith_runtime::mock::{Database, RemoteContainer};
use forwith_runtime::{Executor, block_on, now, sleep, spawn, timeout, yield_now};
use futures::future::join;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};

use crate::common::{millis, secs};

async fn cube(x: u64) -> u64 {
    sleep(secs(x)).await;
    x * x * x
}

/// Steps a coroutine and gives what it asks for, in words.
fn ask<F: Future>(coroutine: &mut Coroutine<F>, reply: Reply) -> String {
    match coroutine.send(reply) {
        Ok(Step::Yielded(request)) => request.to_string(),
        _ => panic!("it has asked for nothing"),
    }
}

/// As in an executor: the work is polled before the limit is.
#[test]
fn work_that_ends_with_its_limit_is_in_time() {
    let third = Reply::Now(secs(3));
    for reply in [Reply::Granted, third] {
        let mut limited = Coroutine::new(timeout(secs(3), cube(3)));
        limited.send(Reply::Granted).unwrap();
        assert_eq!(limited.send(reply), Ok(Step::Returned(Ok(27))));
        let mut scoped = Coroutine::new(scope(cube(3), sleep(secs(3))));
        scoped.send(Reply::Granted).unwrap();
        assert_eq!(scoped.send(reply), Ok(Step::Returned(Ok(27))));
    }
}

#[test]
fn two_coroutines_are_stepped_in_turn() {
    let (mut five, mut ten) = (Coroutine::new(cube(5)), Coroutine::new(cube(10)));
    let requests = [
        ask(&mut five, Reply::Granted),
        ask(&mut ten, Reply::Granted),
    ];
    assert_eq!(
        requests,
        [
            "Please do not continue until 5 seconds have elapsed.",
            "Please do not continue until 10 seconds have elapsed.",
        ]
    );
    assert_eq!(five.send(Reply::Granted), Ok(Step::Returned(125)));
    assert_eq!(ten.send(Reply::Granted), Ok(Step::Returned(1000)));
}

#[test]
fn requests_are_sentences() {
    let sleep = |duration, what| Request::Sleep { duration, what };
    let sentences = [
        (
            sleep(secs(3), None),
            "Please do not continue until 3 seconds have elapsed.",
        ),
        (
            sleep(secs(1), None),
            "Please do not continue until 1 second has elapsed.",
        ),
        (
            sleep(Duration::ZERO, None),
            "Please do not continue until 0 seconds have elapsed.",
        ),
        (
            sleep(millis(250), Some("fetching page 2".into())),
            "Please do not continue until 0.25 seconds have elapsed (fetching page 2).",
        ),
        (Request::Yield, "Please let the others run first."),
        (
            Request::Other,
            "Please continue when what I wait for has happened.",
        ),
    ];
    for (request, sentence) in sentences {
        assert_eq!(request.to_string(), sentence);
    }
}

#[test]
fn early_reply_is_asked_again_with_the_remainder() {
    let mut coroutine = Coroutine::new(cube(3));
    ask(&mut coroutine, Reply::Now(secs(10))); // its clock starts at ten
    let request = ask(&mut coroutine, Reply::Now(millis(10_500)));
    assert_eq!(
        request,
        "Please do not continue until 2.5 seconds have elapsed."
    );
    let request = ask(&mut coroutine, Reply::Now(secs(2))); // no way back
    assert_eq!(
        request,
        "Please do not continue until 2.5 seconds have elapsed."
    );
    assert_eq!(coroutine.send(Reply::Now(secs(13))), Ok(Step::Returned(27)));
}

#[test]
fn resuming_a_finished_coroutine_is_an_error() {
    let mut coroutine = Coroutine::new(async {});
    assert_eq!(coroutine.send(Reply::Granted), Ok(Step::Returned(())));
    assert_eq!(coroutine.send(Reply::Granted), Err(Finished));
    assert_eq!(coroutine.send(Reply::Now(secs(1))), Err(Finished));
}

#[test]
fn panic_propagates_once_and_finishes_the_coroutine() {
    let mut coroutine = Coroutine::new(async { panic!("from inside") });
    let result = catch_unwind(AssertUnwindSafe(|| coroutine.send(Reply::Granted)));
    assert_eq!(result.unwrap_err().downcast_ref(), Some(&"from inside"));
    assert!(matches!(coroutine.send(Reply::Granted), Err(Finished)));
}

#[test]
fn yields_are_asked_for_before_the_shortest_sleep() {
    let inside = async { futures::join!(cube(3), cube(2), yield_now()).0 };
    let mut coroutine = Coroutine::new(inside);
    assert_eq!(
        ask(&mut coroutine, Reply::Granted),
        "Please let the others run first."
    );
    let request = ask(&mut coroutine, Reply::Granted);
    assert_eq!(
        request,
        "Please do not continue until 2 seconds have elapsed."
    );
    let request = ask(&mut coroutine, Reply::Granted);
    assert_eq!(
        request,
        "Please do not continue until 1 second has elapsed."
    );
    assert_eq!(coroutine.send(Reply::Granted), Ok(Step::Returned(27)));
}

#[test]
fn combinators_that_poll_only_woken_futures_resume() {
    let mut cubes = [cube(3), cube(2)]
        .into_iter()
        .collect::<FuturesUnordered<_>>();
    let mut coroutine = Coroutine::new(async {
        yield_now().await;
        [cubes.next().await, cubes.next().await]
    });
    ask(&mut coroutine, Reply::Granted);
    ask(&mut coroutine, Reply::Granted);
    ask(&mut coroutine, Reply::Granted);
    assert_eq!(
        coroutine.send(Reply::Granted),
        Ok(Step::Returned([Some(8), Some(27)]))
    );
}

#[test]
fn dropped_wait_is_not_asked_for() {
    let mut coroutine = Coroutine::new(async {
        assert_eq!(sleep(secs(1)).now_or_never(), None);
        assert_eq!(yield_now().now_or_never(), None);
        cube(2).await
    });
    let request = ask(&mut coroutine, Reply::Granted);
    assert_eq!(
        request,
        "Please do not continue until 2 seconds have elapsed."
    );
    assert_eq!(coroutine.send(Reply::Now(secs(2))), Ok(Step::Returned(8)));
}

#[test]
fn foreign_wait_is_shown_as_other() {
    let happened = Cell::new(false);
    let waits = poll_fn(|_| {
        if happened.get() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    });
    let mut coroutine = Coroutine::new(waits);
    assert_eq!(
        coroutine.send(Reply::Granted),
        Ok(Step::Yielded(Request::Other))
    );
    assert_eq!(
        coroutine.send(Reply::Granted),
        Ok(Step::Yielded(Request::Other))
    );
    happened.set(true);
    assert_eq!(coroutine.send(Reply::Granted), Ok(Step::Returned(())));
}

#[test]
fn clock_inside_is_the_steppers() {
    let mut coroutine = Coroutine::new(async {
        sleep(secs(2)).await;
        now()
    });
    ask(&mut coroutine, Reply::Granted);
    assert_eq!(
        coroutine.send(Reply::Now(secs(5))),
        Ok(Step::Returned(secs(5)))
    );
}

/// Records the time at which it is dropped.
struct Remembers<'a>(&'a Cell<Option<Duration>>);

impl Drop for Remembers<'_> {
    fn drop(&mut self) {
        self.0.set(Some(now()));
    }
}

#[test]
fn destructors_of_a_finished_coroutine_see_its_clock() {
    for panics in [false, true] {
        let dropped = Cell::new(None);
        let remembers = Remembers(&dropped);
        // The closure owns this, so returning from it drops nothing.
        let mut coroutine = Coroutine::new(poll_fn(move |_| {
            let _held = &remembers;
            assert!(!panics, "oh");
            Poll::Ready(())
        }));
        let sent = catch_unwind(AssertUnwindSafe(|| coroutine.send(Reply::Now(secs(5)))));
        assert_eq!(sent.is_err(), panics);
        assert_eq!(dropped.get(), Some(secs(5)));
    }
}

#[test]
fn coroutines_and_executors_nest() {
    let mut outer = Coroutine::new(async {
        let executed = Executor::with_virtual_clock().block_on(async {
            let mut inner = Coroutine::new(async {
                // The outer executor runs this task, and the stepper does not see it.
                let task = spawn(cube(1));
                sleep(secs(7)).await;
                task.await.unwrap()
            });
            let request = ask(&mut inner, Reply::Granted);
            assert_eq!(
                request,
                "Please do not continue until 7 seconds have elapsed."
            );
            sleep(secs(1)).await;
            yield_now().await;
            (inner.send(Reply::Granted), now())
        });
        sleep(secs(9)).await;
        executed
    });
    let request = ask(&mut outer, Reply::Granted);
    assert_eq!(
        request,
        "Please do not continue until 9 seconds have elapsed."
    );
    let expected = (Ok(Step::Returned(1)), secs(1));
    assert_eq!(outer.send(Reply::Granted), Ok(Step::Returned(expected)));
}

#[test]
fn dropped_coroutine_leaves_no_timer() {
    block_on(async {
        let mut coroutine = Coroutine::new(join(cube(1000), pending::<()>()));
        ask(&mut coroutine, Reply::Granted);
        drop(coroutine);
    });
}

#[test]
fn mocks_ask_the_stepper() {
    let database = Database::new();
    let animals = RemoteContainer::new(["cat"]);
    let mut coroutine = Coroutine::new(async {
        let db = database.connect("mock://db.somedomain.net").enter().await?;
        let mut cursor = animals.cursor().enter().await?;
        while let Some(animal) = cursor.next().await {
            db.set_key(animal?, "").await?;
        }
        cursor.exit(Outcome::Completed).await?;
        db.exit(Outcome::Completed).await
    });
    let mut requests = Vec::new();
    while let Ok(Step::Yielded(request)) = coroutine.send(Reply::Granted) {
        requests.push(
            request
                .to_string()
                .replace("Please do not continue until ", ""),
        );
    }
    assert_eq!(
        requests,
        [
            "0.15 seconds have elapsed (connecting).",
            "0.15 seconds have elapsed (handshake).",
            "0.05 seconds have elapsed (opening a cursor).",
            "0.05 seconds have elapsed (fetching page 1).",
            "0.05 seconds have elapsed (set_key cat).",
            "0.05 seconds have elapsed (closing the cursor).",
            "0.2 seconds have elapsed (goodbye).",
        ]
    );
    database.audit().unwrap();
    animals.audit().unwrap();
}

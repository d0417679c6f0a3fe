//! A resource that is entered in a scope and then polled by another task, which no tree contains.

use std::cell::RefCell;
use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use forwith::{CancelToken, async_with, scope};
use futures::FutureExt;
use futures::future::LocalBoxFuture;

use crate::common::{Failure, Trace, Woken};

/// A task with a waker that counts.
struct Task {
    woken: Arc<Woken>,
    waker: Waker,
}

impl Task {
    fn new() -> Self {
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(woken.clone());
        Task { woken, waker }
    }

    fn poll<F: Future + ?Sized>(&self, future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(&self.waker))
    }

    fn was_woken(&self) -> bool {
        self.woken.take()
    }
}

/// Enters a resource in a scope, and lets another task poll its future afterwards.
fn with_one_that_moves(
    check: impl FnOnce(&dyn Fn(&Task) -> Poll<()>, LocalBoxFuture<()>, &CancelToken),
) {
    let (trace, stop) = (Trace::new(), CancelToken::new());
    let moving = async {
        let _: Result<(), Failure> = async_with!(trace.open("a"), { pending().await });
    };
    let moving = RefCell::new(moving.boxed_local());
    let begins = poll_fn(|cx| {
        // Twice: the enter takes a turn.
        let polls = [(); 2].map(|()| moving.borrow_mut().as_mut().poll(cx));
        assert_eq!(polls, [Poll::Pending; 2]);
        Poll::Ready(())
    });
    let scoped = scope(begins.then(|()| pending::<()>()), &stop);
    let scoped = scoped.map(|ended| assert!(ended.is_err()));
    check(
        &|task| task.poll(moving.borrow_mut().as_mut()),
        scoped.boxed_local(),
        &stop,
    );
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

#[test]
fn scope_is_woken_when_an_exit_elsewhere_ends() {
    with_one_that_moves(|moving, mut scoped, stop| {
        let (here, elsewhere) = (Task::new(), Task::new());
        assert_eq!(here.poll(scoped.as_mut()), Poll::Pending);
        stop.cancel();
        assert_eq!(here.poll(scoped.as_mut()), Poll::Pending, "it is open");
        assert_eq!(moving(&elsewhere), Poll::Pending, "its exit takes a turn");
        here.was_woken();
        assert_eq!(moving(&elsewhere), Poll::Pending, "it has left");
        assert!(here.was_woken());
        assert_eq!(here.poll(scoped.as_mut()), Poll::Ready(()));
    });
}

#[test]
fn future_is_woken_where_it_was_last_polled() {
    with_one_that_moves(|moving, mut scoped, stop| {
        let (here, elsewhere) = (Task::new(), Task::new());
        assert_eq!(here.poll(scoped.as_mut()), Poll::Pending);
        assert_eq!(moving(&elsewhere), Poll::Pending);
        stop.cancel();
        assert!(!elsewhere.was_woken());
        assert_eq!(here.poll(scoped.as_mut()), Poll::Pending);
        assert!(elsewhere.was_woken());
        while moving(&elsewhere).is_pending() && elsewhere.was_woken() {}
        assert_eq!(here.poll(scoped.as_mut()), Poll::Ready(()));
    });
}

#[test]
fn scope_waits_for_what_an_ended_body_has_begun() {
    let (trace, stop) = (Trace::new(), CancelToken::new());
    let inner = async {
        let _: Result<(), Failure> = async_with!(trace.open("inner"), { pending().await });
    };
    let inner = RefCell::new(inner.boxed_local());
    let begin_inner = || {
        poll_fn(|cx| {
            let polls = [(); 2].map(|()| inner.borrow_mut().as_mut().poll(cx));
            assert_eq!(polls, [Poll::Pending; 2]);
            Poll::Ready(())
        })
    };
    let work = async {
        let _: Result<(), Failure> = async_with!(trace.open("outer"), { begin_inner().await });
        pending::<()>().await;
    };
    let mut scoped = scope(work, &stop).boxed_local();
    let (here, elsewhere) = (Task::new(), Task::new());
    while here.poll(scoped.as_mut()).is_pending() && here.was_woken() {}
    stop.cancel();
    here.was_woken();
    assert!(here.poll(scoped.as_mut()).is_pending(), "it is open");
    // What it was entered below has gone, so it belongs to the scope.
    let moved = || elsewhere.poll(inner.borrow_mut().as_mut());
    while moved().is_pending() && elsewhere.was_woken() {}
    assert!(here.was_woken());
    assert!(matches!(here.poll(scoped.as_mut()), Poll::Ready(Err(_))));
    trace.expect(&[
        "entering outer",
        "entered outer",
        "entering inner",
        "entered inner",
        "exiting outer: Completed",
        "exited outer",
        "exiting inner: Cancelled",
        "exited inner",
    ]);
}

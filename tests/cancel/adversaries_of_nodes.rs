//! Hostile wakers, against the count that members keep of each other.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use forwith::{CancelToken, async_with, scope};
use futures::FutureExt;
use futures::future::LocalBoxFuture;

use crate::common::Trace;

fn stays<'a>(trace: &'a Trace, name: &'static str) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let _ = async_with!(trace.open(name), { pending::<()>().await });
    })
}

thread_local! {
    static SCOPE: RefCell<Option<LocalBoxFuture<'static, bool>>> = const { RefCell::new(None) };
    static STRAYS: RefCell<Vec<LocalBoxFuture<'static, ()>>> = const { RefCell::new(Vec::new()) };
    static ENDED: Cell<Option<bool>> = const { Cell::new(None) };
}

/// Polls the scope as soon as it is woken, unless it is being polled.
struct Polls;

impl Polls {
    fn poll() {
        let waker = Waker::from(Arc::new(Polls));
        let mut cx = Context::from_waker(&waker);
        let scope = SCOPE.take();
        if let Some(mut scope) = scope {
            match scope.as_mut().poll(&mut cx) {
                Poll::Ready(ended) => ENDED.set(Some(ended)),
                Poll::Pending => SCOPE.set(Some(scope)),
            }
        }
    }
}

impl Wake for Polls {
    fn wake(self: Arc<Self>) {
        Polls::poll();
    }
}

/// Drops a stray future with its last clone.
struct DropsAStray;

impl Wake for DropsAStray {
    fn wake(self: Arc<Self>) {}
}

impl Drop for DropsAStray {
    fn drop(&mut self) {
        let stray = STRAYS.with_borrow_mut(Vec::pop);
        drop(stray);
    }
}

/// Begins a scope with three members that have gone astray, polled by wakers that drop others.
fn begin_with_strays(trace: &'static Trace, stop: &CancelToken) {
    let work = async {
        let _ = async_with!(trace.open("outer"), {
            for name in ["a", "b", "c"] {
                let mut stray = stays(trace, name);
                let waker = Waker::from(Arc::new(DropsAStray));
                let mut cx = Context::from_waker(&waker);
                for _ in 0..2 {
                    assert!(stray.as_mut().poll(&mut cx).is_pending());
                }
                STRAYS.with_borrow_mut(|strays| strays.push(stray));
            }
            pending::<()>().await;
        });
    };
    let stop = stop.cancelled();
    SCOPE.set(Some(Box::pin(scope(work, stop).map(|ended| ended.is_ok()))));
    Polls::poll();
    Polls::poll();
}

#[test]
fn wakers_may_poll_the_scope_and_drop_its_members() {
    let trace: &'static Trace = Box::leak(Box::default());
    let stop = CancelToken::new();
    begin_with_strays(trace, &stop);
    assert!(
        SCOPE.with_borrow(Option::is_some),
        "it waits for the strays"
    );
    stop.cancel();
    while let Some(stray) = STRAYS.with_borrow_mut(Vec::pop) {
        drop(stray);
    }
    Polls::poll();
    assert_eq!(ENDED.get(), Some(false));
    assert_eq!(trace.beginning_with("abandoned").len(), 3);
    assert_eq!(trace.beginning_with("exited"), ["exited outer"]);
    assert!(!forwith::is_cancelled());
}

//! Hostile wakers and futures that go astray, against the count that members keep of each other.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::mem::ManuallyDrop;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Wake, Waker};

use forwith::executor::{TaskScope, outside};
use forwith::{CancelToken, async_with, scope};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};

use crate::common::{Trace, Woken, run, turns, yield_once};

/// Polls a future as often as it is woken. Gives `None` if it sleeps.
fn run_woken<F: Future>(future: &mut Pin<&mut F>, woken: &Arc<Woken>) -> Option<F::Output> {
    let waker = Waker::from(woken.clone());
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return Some(value);
        }
        if !woken.take() {
            return None;
        }
    }
}

/// Polls its futures when they were woken, each with a waker that lies on the stack until it is
/// cloned, as `unicycle` does.
struct OnStack<'a> {
    futures: Vec<Option<LocalBoxFuture<'a, ()>>>,
    shared: Arc<Shared>,
}

struct Shared {
    woken: Vec<AtomicBool>,
    outer: Mutex<Option<Waker>>,
}

struct Lent<'a> {
    index: usize,
    shared: &'a Arc<Shared>,
}

struct Owned {
    index: usize,
    shared: Arc<Shared>,
}

impl Shared {
    fn wake(&self, index: usize) {
        self.woken[index].store(true, Ordering::SeqCst);
        if let Some(outer) = &*self.outer.lock().unwrap() {
            outer.wake_by_ref();
        }
    }
}

impl Wake for Owned {
    fn wake(self: Arc<Self>) {
        self.shared.wake(self.index);
    }
}

static LENT: RawWakerVTable = RawWakerVTable::new(
    |data| {
        // SAFETY: the value outlives the waker, which is on the stack, too.
        let lent = unsafe { &*data.cast::<Lent<'_>>() };
        let waker = ManuallyDrop::new(Waker::from(Arc::new(Owned {
            index: lent.index,
            shared: lent.shared.clone(),
        })));
        RawWaker::new(waker.data(), waker.vtable())
    },
    |_| {},
    |data| {
        // SAFETY: the value outlives the waker, which is on the stack, too.
        let lent = unsafe { &*data.cast::<Lent<'_>>() };
        lent.shared.wake(lent.index);
    },
    |_| {},
);

impl<'a> OnStack<'a> {
    fn new(futures: Vec<LocalBoxFuture<'a, ()>>) -> Self {
        let woken = futures.iter().map(|_| AtomicBool::new(true)).collect();
        OnStack {
            futures: futures.into_iter().map(Some).collect(),
            shared: Arc::new(Shared {
                woken,
                outer: Mutex::default(),
            }),
        }
    }
}

impl Future for OnStack<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let OnStack { futures, shared } = &mut *self;
        *shared.outer.lock().unwrap() = Some(cx.waker().clone());
        let mut lent = Lent { index: 0, shared };
        let mut all = Poll::Ready(());
        for (index, place) in futures.iter_mut().enumerate() {
            let Some(future) = place else { continue };
            if !lent.shared.woken[index].swap(false, Ordering::SeqCst) {
                all = Poll::Pending;
                continue;
            }
            lent.index = index;
            let data = std::ptr::from_ref(&lent).cast::<()>();
            // SAFETY: the value outlives the waker, which is on the stack, too.
            let waker = unsafe { Waker::from_raw(RawWaker::new(data, &LENT)) };
            if future
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_ready()
            {
                *place = None;
            } else {
                all = Poll::Pending;
            }
        }
        all
    }
}

fn stays<'a>(trace: &'a Trace, name: &'static str) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let _ = async_with!(trace.open(name), { pending::<()>().await });
    })
}

#[test]
fn wakers_on_the_stack_are_told_apart() {
    let (trace, stop) = (Trace::new(), CancelToken::new());
    let both = OnStack::new(vec![stays(&trace, "a"), stays(&trace, "b")]);
    let mut work = pin!(scope(both, &stop));
    let woken = Arc::new(Woken::default());
    assert!(run_woken(&mut work, &woken).is_none());
    stop.cancel();
    let ended = run_woken(&mut work, &woken);
    assert_eq!(trace.beginning_with("exited"), ["exited a", "exited b"]);
    assert!(ended.unwrap().is_err());
}

#[test]
fn wakers_on_the_stack_are_told_apart_later_in_a_task() {
    let trace = Trace::new();
    let mut both = Box::pin(async {
        // The first member comes and goes.
        OnStack::new(vec![Box::pin(async {
            let _ = async_with!(trace.open("first"), {});
        })])
        .await;
        trace.expect(&[
            "entering first",
            "entered first",
            "exiting first: Completed",
            "exited first",
        ]);
        OnStack::new(vec![stays(&trace, "a"), stays(&trace, "b")]).await;
    });
    let mut task = TaskScope::default();
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(woken.clone());
    let mut cx = Context::from_waker(&waker);
    let mut turn = |task: &mut TaskScope| {
        loop {
            assert!(task.run(|| both.as_mut().poll(&mut cx)).is_pending());
            if !woken.take() {
                break;
            }
        }
    };
    turn(&mut task);
    task.cancel();
    turn(&mut task);
    let vacated = task.poll_vacated(Waker::noop()).is_ready();
    outside(|| drop(both));
    assert_eq!(trace.beginning_with("exited"), ["exited a", "exited b"]);
    assert!(vacated);
}

thread_local! {
    static CLONE_PANICS: Cell<bool> = const { Cell::new(false) };
    static DROP_PANICS: Cell<bool> = const { Cell::new(false) };
}

static HOSTILE: RawWakerVTable = RawWakerVTable::new(
    |data| {
        assert!(!CLONE_PANICS.get(), "clone of a waker");
        RawWaker::new(data, &HOSTILE)
    },
    |_| {},
    |_| {},
    |_| assert!(!DROP_PANICS.replace(false), "drop of a waker"),
);

fn hostile(data: usize) -> ManuallyDrop<Waker> {
    let data = std::ptr::without_provenance(data);
    // SAFETY: the functions below do what wakers promise.
    ManuallyDrop::new(unsafe { Waker::from_raw(RawWaker::new(data, &HOSTILE)) })
}

/// Polls a body below two others with hostile wakers, and then stops the scope around.
fn stops_after_a_hostile_waker(mut hostilities: impl FnMut(Pin<&mut LocalBoxFuture<'_, ()>>)) {
    let (trace, stop) = (Trace::new(), CancelToken::new());
    let work = async {
        let _ = async_with!(trace.open("outer"), {
            let _ = async_with!(trace.open("inner"), {
                let mut polled = stays(&trace, "polled");
                yield_once().await;
                let poll = || hostilities(Pin::new(&mut polled));
                let _ = std::panic::catch_unwind(AssertUnwindSafe(poll));
                drop(polled);
                pending::<()>().await;
            });
        });
    };
    let works: FuturesUnordered<_> = [work].into_iter().collect();
    let mut work = pin!(scope(works.collect::<Vec<_>>(), &stop));
    let woken = Arc::new(Woken::default());
    assert!(run_woken(&mut work, &woken).is_none());
    stop.cancel();
    let ended = run_woken(&mut work, &woken);
    assert!(!forwith::is_cancelled());
    let mut lines = trace.lines();
    lines.retain(|line| !line.ends_with("polled"));
    assert_eq!(
        lines[4..],
        [
            "exiting inner: Cancelled",
            "exited inner",
            "exiting outer: Cancelled",
            "exited outer",
        ]
    );
    assert!(ended.unwrap().is_err());
}

#[test]
fn waker_whose_clone_panics_loses_no_member() {
    stops_after_a_hostile_waker(|mut polled| {
        let waker = hostile(1);
        let mut cx = Context::from_waker(&waker);
        assert!(polled.as_mut().poll(&mut cx).is_pending());
        CLONE_PANICS.set(true);
        let caught = std::panic::catch_unwind(AssertUnwindSafe(|| {
            polled.as_mut().poll(&mut cx).is_ready()
        }));
        CLONE_PANICS.set(false);
        drop(caught);
    });
}

#[test]
fn waker_whose_drop_panics_loses_no_member() {
    stops_after_a_hostile_waker(|mut polled| {
        for data in [1, 1, 2] {
            let waker = hostile(data);
            DROP_PANICS.set(data == 2);
            let mut cx = Context::from_waker(&waker);
            let caught = std::panic::catch_unwind(AssertUnwindSafe(|| {
                polled.as_mut().poll(&mut cx).is_ready()
            }));
            drop(caught);
        }
        DROP_PANICS.set(false);
    });
}

#[test]
fn region_keeps_no_waker_of_members_that_have_left() {
    let trace = Trace::new();
    let work = async {
        let _ = async_with!(trace.open("a"), {});
        pending::<()>().await;
    };
    let mut work = pin!(scope(work, pending::<()>()));
    let woken = Arc::new(Woken::default());
    assert!(run_woken(&mut work, &woken).is_none());
    assert_eq!(trace.beginning_with("exited"), ["exited a"]);
    assert_eq!(Arc::strong_count(&woken), 1);
}

#[test]
fn exit_of_a_cancelled_body_may_be_moved_to_another_scope() {
    let (trace, stop) = (Trace::new(), CancelToken::new());
    let mut work = stays(&trace, "a");
    {
        let mut first = pin!(scope(work.as_mut(), &stop));
        for _ in 0..3 {
            assert!(first.as_mut().now_or_never().is_none());
        }
        stop.cancel();
        assert!(first.as_mut().now_or_never().is_none());
    }
    assert_eq!(trace.beginning_with("exiting"), ["exiting a: Cancelled"]);
    let mut second = Box::pin(scope(work.as_mut(), pending::<()>()));
    let caught = std::panic::catch_unwind(AssertUnwindSafe(|| {
        for _ in 0..3 {
            assert!(second.as_mut().now_or_never().is_none());
        }
    }));
    assert!(
        caught.is_err(),
        "it panics, as a future that is polled again"
    );
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

/// A loop that gives up with a limit for exits, too, and goes on with the same futures.
#[test]
fn exit_goes_on_behind_a_scope_with_grace() {
    let trace = Trace::new();
    let mut works: FuturesUnordered<_> = [stays(&trace, "a")].into_iter().collect();
    for _ in 0..3 {
        let next = scope(works.next(), turns(3)).grace(|| std::future::ready(()));
        assert!(run(next).is_err());
    }
    // Its body was cancelled, so that nothing comes behind it.
    assert_eq!(
        trace.beginning_with("exit"),
        ["exiting a: Cancelled", "exited a"]
    );
}

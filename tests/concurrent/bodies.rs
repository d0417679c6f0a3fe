//! When the bodies of a loop run, and what they get.

use std::cell::{Cell, RefCell};
use std::future::{pending, ready};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};

use forwith::source::from_fn;
use forwith::{Source, async_for, async_with};
use futures::StreamExt as _;
use futures::channel::{mpsc, oneshot};
use futures::stream;

use crate::common::{Trace, Woken, run, run_for, turns, yield_once};

/// How many bodies run, and the most that have run at once.
#[derive(Default)]
struct Running {
    now: Cell<usize>,
    most: Cell<usize>,
}

struct Guard<'a>(&'a Running);

impl Running {
    fn begin(&self) -> Guard<'_> {
        self.now.set(self.now.get() + 1);
        self.most.set(self.most.get().max(self.now.get()));
        Guard(self)
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.now.set(self.0.now.get() - 1);
    }
}

#[test]
fn no_more_bodies_run_than_the_limit() {
    for limit in [1, 2, 7, 8, 9, 64, 65, 100] {
        let running = Running::default();
        let ended = Cell::new(0);
        run(async {
            async_for!(
                #[concurrent(limit)]
                for n in stream::iter(0..200) {
                    let _guard = running.begin();
                    turns(n % 5 + 1).await;
                    ended.set(ended.get() + 1);
                }
            );
        });
        assert_eq!((running.most.get(), ended.get()), (limit, 200));
        assert_eq!(running.now.get(), 0);
    }
}

#[test]
fn all_bodies_may_run_at_once() {
    let running = Running::default();
    run(async {
        async_for!(
            #[concurrent(unlimited)]
            for _ in stream::iter(0..1000) {
                let _guard = running.begin();
                turns(20).await;
            }
        );
    });
    assert_eq!(running.most.get(), 1000);
}

#[test]
#[should_panic(expected = "a loop cannot run 0 bodies at once")]
fn limit_of_0_panics() {
    let limit = usize::from(std::env::args().count() == 0);
    run(async {
        async_for!(
            #[concurrent(limit)]
            for _ in stream::iter(0..3) {}
        );
    });
}

#[test]
fn limit_is_evaluated_once_and_first() {
    let order = RefCell::new(Vec::new());
    let note = |what, value| {
        order.borrow_mut().push(what);
        value
    };
    run(async {
        let items = || stream::iter(0..note("items", 5));
        async_for!(
            #[concurrent(note("limit", 2))]
            for _ in items() {
                yield_once().await;
            }
        );
    });
    assert_eq!(*order.borrow(), ["limit", "items"]);
}

#[test]
fn no_item_is_fetched_without_a_free_place() {
    let fetched = Cell::new(0);
    let (waits, go_on) = oneshot::channel::<()>();
    let go_on = futures::FutureExt::shared(go_on);
    let work = async {
        let items = stream::iter(0..10).inspect(|_| fetched.set(fetched.get() + 1));
        async_for!(
            #[concurrent(3)]
            for _ in items {
                go_on.clone().await.unwrap();
            }
        );
    };
    let mut work = pin!(work);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..5 {
        assert!(work.as_mut().poll(&mut cx).is_pending());
        assert_eq!(fetched.get(), 3);
    }
    waits.send(()).unwrap();
    while work.as_mut().poll(&mut cx).is_pending() {}
    assert_eq!(fetched.get(), 10);
}

#[test]
fn bodies_are_polled_while_the_next_item_is_awaited() {
    let (sender, items) = mpsc::unbounded();
    let log = RefCell::new(Vec::new());
    sender.unbounded_send(1).unwrap();
    let work = async {
        async_for!(
            #[concurrent(4)]
            for n in items {
                for turn in 0..2 {
                    log.borrow_mut().push((n, turn));
                    yield_once().await;
                }
            }
        );
    };
    assert!(!run_for(5, work));
    assert_eq!(*log.borrow(), [(1, 0), (1, 1)]);
}

#[test]
fn body_goes_on_that_waits_for_another_body() {
    // Each but the last waits for the one behind it: no futurelock.
    let lock = futures::lock::Mutex::new(());
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..9).map(|_| oneshot::channel::<()>()).unzip();
    let senders = [None].into_iter().chain(senders.into_iter().map(Some));
    let receivers = receivers.into_iter().map(Some).chain([None]);
    let ended = run(async {
        async_for!(
            #[concurrent(10)]
            #[collect]
            for (n, (sends, waits)) in stream::iter(senders.zip(receivers).enumerate()) {
                if let Some(waits) = waits {
                    waits.await.unwrap();
                }
                let guard = lock.lock().await;
                yield_once().await;
                drop(guard);
                if let Some(sends) = sends {
                    sends.send(()).unwrap();
                }
                n
            }
        )
    });
    assert_eq!(ended, (0..10).collect::<Vec<_>>());
}

#[test]
fn only_woken_bodies_are_polled() {
    let polls = Cell::new(0);
    let wakers = RefCell::new(vec![None; 100]);
    let work = async {
        async_for!(
            #[concurrent(unlimited)]
            for n in stream::iter(0..100_usize) {
                std::future::poll_fn(|cx| {
                    polls.set(polls.get() + 1);
                    wakers.borrow_mut()[n] = Some(cx.waker().clone());
                    Poll::<()>::Pending
                })
                .await;
            }
        );
    };
    let mut work = pin!(work);
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(woken.clone());
    let mut poll = || {
        polls.set(0);
        assert!(
            work.as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
        polls.get()
    };
    assert_eq!(poll(), 100);
    assert_eq!(poll(), 0);
    let wake = |n: usize| {
        let waker = wakers.borrow()[n].clone();
        waker.unwrap().wake();
    };
    wake(7);
    assert!(woken.take());
    wake(7);
    wake(70);
    assert!(!woken.take(), "it was woken already");
    assert_eq!(poll(), 2);
    assert!(!woken.take());
    wake(99);
    assert!(woken.take());
    assert_eq!(poll(), 1);
}

#[test]
fn wakers_outlive_the_loop() {
    let kept = Rc::new(RefCell::new(Vec::<Waker>::new()));
    let keep = kept.clone();
    let work = async move {
        async_for!(
            #[concurrent(2)]
            for n in stream::iter(0..5) {
                std::future::poll_fn(|cx| {
                    keep.borrow_mut().push(cx.waker().clone());
                    Poll::Ready(())
                })
                .await;
                if n == 4 {
                    pending::<()>().await;
                }
            }
        );
    };
    assert!(!run_for(3, work));
    for waker in kept.take() {
        let other = waker.clone();
        waker.wake_by_ref();
        other.wake();
        drop(waker);
    }
}

#[test]
fn sources_that_do_not_lend_give_items() {
    let mut left = vec![3, 2, 1];
    let values = run(async {
        let source = from_fn(async || {
            yield_once().await;
            left.pop()
        });
        async_for!(
            #[concurrent(2)]
            #[collect]
            for n in source {
                turns(3).await;
                n
            }
        )
    });
    assert_eq!(values, [1, 2, 3]);
}

/// Gives items at every second poll, and says how often it was dropped between.
struct Slow<'a>(u32, &'a Cell<u32>);

impl Source for Slow<'_> {
    type Item<'a>
        = u32
    where
        Self: 'a;

    async fn next(&mut self) -> Option<u32> {
        self.1.set(self.1.get() + 1);
        yield_once().await;
        self.0 = self.0.checked_sub(1)?;
        Some(self.0)
    }
}

#[test]
fn source_keeps_its_future_while_bodies_run() {
    let begun = Cell::new(0);
    let values = run(async {
        async_for!(
            #[concurrent(8)]
            #[collect]
            for n in Slow(5, &begun) {
                turns(7).await;
                n
            }
        )
    });
    assert_eq!((values, begun.get()), (vec![4, 3, 2, 1, 0], 6));
}

#[test]
fn until_ends_the_items_and_not_the_bodies() {
    let ended = Cell::new(0);
    let begun = Cell::new(0);
    run(async {
        async_for!(
            #[until(turns(2))]
            #[concurrent(2)]
            for () in stream::repeat(()) {
                begun.set(begun.get() + 1);
                turns(3).await;
                ended.set(ended.get() + 1);
            }
        );
    });
    assert_eq!((begun.get(), ended.get()), (2, 2));
    // It also ends a source for which the loop waits.
    let source = from_fn(async || pending::<Option<()>>().await);
    run(async {
        async_for!(
            #[concurrent(2)]
            #[until(turns(2))]
            for () in source {}
        );
    });
}

#[test]
fn loop_yields_after_many_items() {
    let items = Cell::new(0);
    let work = async {
        let counted = stream::repeat(()).inspect(|()| items.set(items.get() + 1));
        async_for!(
            #[concurrent(4)]
            #[yield_every(10)]
            for () in counted {}
        );
    };
    let mut work = pin!(work);
    let mut cx = Context::from_waker(Waker::noop());
    for turn in 1..4 {
        assert!(work.as_mut().poll(&mut cx).is_pending());
        assert_eq!(items.get(), turn * 10);
    }
}

#[test]
fn loops_nest() {
    let trace = Trace::new();
    let found = run(async {
        'all: {
            async_for!(
                #[concurrent(2)]
                for n in stream::iter(0..4) {
                    async_for!(
                        #[concurrent(unlimited)]
                        for m in stream::iter(0..4) {
                            async_with!(trace.open("a"), {
                                turns(n + m).await;
                                if n == 2 && m == 1 {
                                    break 'all Some((n, m));
                                }
                            })
                            .unwrap();
                        }
                    );
                }
            );
            None
        }
    });
    assert_eq!(found, Some((2, 1)));
    let lines = trace.lines();
    let count = |what: &str| lines.iter().filter(|line| line.starts_with(what)).count();
    assert_eq!(count("entered a"), count("exited a"));
    assert_eq!(count("abandoned") + count("cut"), 0);
}

#[test]
fn loop_is_send_and_needs_no_static() {
    fn assert_send<F: Future + Send>(future: F) -> F {
        future
    }
    let words = vec![String::from("cat"), String::from("cow")];
    let total = AtomicU32::new(0);
    let work = assert_send(async {
        async_for!(
            #[concurrent(2)]
            for word in stream::iter(&words) {
                yield_once().await;
                total.fetch_add(u32::try_from(word.len())?, Ordering::Relaxed);
            }
        );
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
    });
    run(work).unwrap();
    assert_eq!(total.into_inner(), 6);
}

#[test]
fn body_that_is_ready_at_once_takes_no_place_for_long() {
    let most = Cell::new(0);
    run(async {
        async_for!(
            #[concurrent(1)]
            for n in stream::iter(0..100) {
                most.set(n);
                ready(()).await;
            }
        );
    });
    assert_eq!(most.get(), 99);
}

#[test]
fn patterns_and_attributes_are_those_of_a_loop() {
    struct Pair {
        a: u32,
        b: u32,
    }
    let pairs = [Pair { a: 1, b: 2 }, Pair { a: 3, b: 4 }];
    let sums = run(async {
        async_for!(
            #[concurrent(2)]
            #[collect]
            for Pair { a, mut b } in stream::iter(pairs) {
                yield_once().await;
                b += a;
                b
            }
        )
    });
    assert_eq!(sums, [3, 7]);
}

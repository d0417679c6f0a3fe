//! `async_for!` over streams and containers.

use std::cell::Cell;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use forwith::{IntoStream, async_for};
use futures::channel::mpsc;
use futures::{FutureExt, Stream, StreamExt, stream};

use crate::common::{Failure, run, yield_once};

#[test]
fn items_come_in_order() {
    let mut seen = Vec::new();
    run(async {
        async_for!(for n in stream::iter(0..4) {
            yield_once().await;
            seen.push(n);
        });
    });
    assert_eq!(seen, [0, 1, 2, 3]);
}

#[test]
fn break_and_continue_take_labels() {
    let mut seen = Vec::new();
    run(async {
        async_for!('outer: for n in stream::iter(0..10) {
            if n % 2 == 0 {
                continue;
            }
            async_for!(for m in stream::iter(0..10) {
                if m == n {
                    continue 'outer;
                }
                if n == 5 && m == 1 {
                    break 'outer;
                }
                if m == 1 {
                    break;
                }
                seen.push((n, m));
            });
        });
    });
    assert_eq!(seen, [(1, 0), (3, 0), (5, 0)]);
}

#[test]
fn break_gives_some_and_the_end_none() {
    async fn find(wanted: u8) -> Option<&'static str> {
        async_for!(
            'names: for (n, name) in stream::iter([(1, "one"), (2, "two")]) {
                for _ in 0..3 {
                    if n == wanted {
                        break 'names name;
                    }
                }
            }
        )
    }
    assert_eq!(run(find(2)), Some("two"));
    assert_eq!(run(find(3)), None);
}

#[test]
fn let_else_replaces_pythons_else() {
    async fn find(wanted: u8) -> Result<u8, String> {
        let Some(found) = async_for!(for n in stream::iter(0..5) {
            if n == wanted {
                break n;
            }
        }) else {
            return Err(format!("no {wanted}"));
        };
        Ok(found)
    }
    assert_eq!(run(find(3)), Ok(3));
    assert_eq!(run(find(7)), Err("no 7".into()));
}

#[test]
fn return_and_question_mark_leave_the_function() {
    async fn sum(texts: &[&str]) -> Result<i32, Failure> {
        let mut sum = 0;
        async_for!(for text in stream::iter(texts) {
            if *text == "stop" {
                return Ok(-sum);
            }
            sum += text.parse::<i32>()?;
        });
        Ok(sum)
    }
    assert_eq!(run(sum(&["1", "2"])), Ok(3));
    assert_eq!(run(sum(&["1", "stop", "x"])), Ok(-1));
    assert!(run(sum(&["1", "x"])).is_err());
}

#[test]
fn every_irrefutable_pattern_is_allowed() {
    struct Point {
        x: u8,
        y: u8,
    }
    let mut seen = Vec::new();
    run(async {
        async_for!(
            for Point { x, y: renamed } in stream::iter([Point { x: 1, y: 2 }]) {
                seen.push(x + renamed);
            }
        );
        async_for!(for (mut a, [b, ..]) in stream::iter([(1, [2, 3])]) {
            a += b;
            seen.push(a);
        });
        async_for!(for &n in stream::iter(&[7]) {
            seen.push(n);
        });
        async_for!(for Ok(n) | Err(n) in stream::iter([Ok(1), Err(2)]) {
            seen.push(n);
        });
        async_for!(for () in stream::iter([(); 2]) {
            seen.push(0);
        });
    });
    assert_eq!(seen, [3, 3, 7, 1, 2, 0, 0]);
}

#[test]
#[cfg_attr(
    miri,
    ignore = "`Unfold` looks at a future that refers to itself through a shared reference"
)]
fn unpinned_stream_is_pinned_by_the_loop() {
    let numbers = stream::unfold(0, |n| async move {
        yield_once().await;
        (n < 3).then_some((n, n + 1))
    });
    let mut seen = Vec::new();
    run(async {
        async_for!(for n in numbers {
            seen.push(n);
        });
    });
    assert_eq!(seen, [0, 1, 2]);
}

#[test]
fn borrowed_stream_continues_after_break() {
    let (first, rest) = run(async {
        let mut numbers = stream::iter(0..5);
        let first = async_for!(for n in &mut numbers {
            if n == 1 {
                break n;
            }
        });
        let mut pinned = pin!(stream::unfold(0, |n| async move { Some((n, n + 1)) }));
        async_for!(for n in &mut pinned {
            if n == 2 {
                break;
            }
        });
        let mut rest = Vec::new();
        async_for!(for n in numbers {
            rest.push(n);
        });
        rest.extend(async_for!(for n in pinned.as_mut() {
            break n;
        }));
        (first, rest)
    });
    assert_eq!(first, Some(1));
    assert_eq!(rest, [2, 3, 4, 3]);
}

/// A container that can be looped over by value and by reference.
struct Shelf(Vec<&'static str>);

impl<'a> IntoStream for &'a Shelf {
    type Item = &'static str;
    type IntoStream = stream::Iter<std::iter::Copied<std::slice::Iter<'a, &'static str>>>;

    fn into_stream(self) -> Self::IntoStream {
        stream::iter(self.0.iter().copied())
    }
}

impl IntoStream for Shelf {
    type Item = &'static str;
    type IntoStream = stream::Iter<std::vec::IntoIter<&'static str>>;

    fn into_stream(self) -> Self::IntoStream {
        stream::iter(self.0)
    }
}

#[test]
fn containers_are_looped_over() {
    let shelf = Shelf(vec!["a", "b"]);
    let mut seen = Vec::new();
    run(async {
        async_for!(for book in &shelf {
            seen.push(book);
        });
        async_for!(for book in shelf {
            seen.push(book);
        });
    });
    assert_eq!(seen, ["a", "b", "a", "b"]);
}

#[test]
fn loop_stands_inside_macros_and_expressions() {
    let text = run(async {
        format!(
            "{:?}",
            async_for!(for n in stream::iter(0..9) {
                if n == 4 {
                    break n;
                }
            })
            .map(|n| n * 2)
        )
    });
    assert_eq!(text, "Some(8)");
}

/// A stream that is always ready and counts its polls.
struct Ready<'a> {
    polls: &'a Cell<u32>,
    left: u32,
}

impl Stream for Ready<'_> {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u32>> {
        self.polls.set(self.polls.get() + 1);
        self.left = match self.left.checked_sub(1) {
            Some(left) => left,
            None => return Poll::Ready(None),
        };
        Poll::Ready(Some(self.left))
    }
}

/// The number of polls of the stream in each poll of the loop.
macro_rules! polls_of {
    ($items:expr, $($option:tt)*) => {{
        let polls = Cell::new(0);
        let stream = Ready { polls: &polls, left: $items };
        let mut looped = pin!(async { async_for!($($option)* for _ in stream {}) });
        let mut cx = Context::from_waker(Waker::noop());
        let mut turns = Vec::new();
        loop {
            let ready = looped.as_mut().poll(&mut cx).is_ready();
            turns.push(polls.replace(0));
            if ready {
                break turns;
            }
        }
    }};
}

#[test]
fn loop_yields_after_128_ready_items() {
    assert_eq!(polls_of!(300,), [128, 128, 45]);
    assert_eq!(
        polls_of!(127,),
        [128],
        "127 items and the end need no turn of the others"
    );
    assert_eq!(polls_of!(128,), [128, 1]);
}

#[test]
fn loop_over_128_ready_items_is_not_ready_at_once() {
    let sum = |count| async move {
        let mut sum = 0;
        async_for!(for n in stream::iter(0..count) {
            sum += n;
        });
        sum
    };
    assert_eq!(sum(127).now_or_never(), Some(127 * 126 / 2));
    assert_eq!(sum(128).now_or_never(), None);
}

#[test]
fn buffered_futures_stand_still_while_the_body_awaits() {
    let polls = Cell::new(0);
    let mut seen = Vec::new();
    run(async {
        let counts = async {
            for _ in 0..4 {
                polls.set(polls.get() + 1);
                yield_once().await;
            }
            "counts"
        };
        let quick = async {
            yield_once().await;
            "quick"
        };
        let both = [quick.left_future(), counts.right_future()];
        async_for!(for name in stream::iter(both).buffered(2) {
            let before = polls.get();
            for _ in 0..9 {
                yield_once().await;
            }
            seen.push((name, before, polls.get()));
        });
    });
    assert_eq!(seen, [("quick", 1, 1), ("counts", 4, 4)]);
}

#[test]
fn yield_every_sets_the_count() {
    const CHUNK: u32 = 3;
    assert_eq!(polls_of!(7, #[yield_every(3)]), [3, 3, 2]);
    assert_eq!(polls_of!(7, #[yield_every(CHUNK)]), [3, 3, 2]);
    assert_eq!(polls_of!(7, #[yield_every(CHUNK + 1)]), [4, 4]);
    assert_eq!(polls_of!(3, #[yield_every(1)]), [1, 1, 1, 1]);
    assert_eq!(polls_of!(1000, #[yield_every(never)]), [1001]);
}

#[test]
fn pending_stream_restarts_the_yield_count() {
    let (sender, receiver) = mpsc::unbounded();
    let mut count = 0;
    let mut looped = pin!(async {
        async_for!(
            #[yield_every(4)]
            for () in receiver {
                count += 1;
            }
        );
        count
    });
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..5 {
        (0..3).for_each(|_| sender.unbounded_send(()).unwrap());
        // If the count did not restart, the second round would take two polls.
        assert!(looped.as_mut().poll(&mut cx).is_pending());
        assert!(sender.is_empty());
    }
    drop(sender);
    assert_eq!(looped.poll(&mut cx), Poll::Ready(15));
}

#[test]
fn loop_dropped_at_its_yield_loses_no_item() {
    let (sender, mut receiver) = mpsc::unbounded();
    (0..10).for_each(|n| sender.unbounded_send(n).unwrap());
    let mut seen = Vec::new();
    for _ in 0..3 {
        let mut looped = Box::pin(async {
            async_for!(
                #[yield_every(2)]
                for n in &mut receiver {
                    seen.push(n);
                }
            );
        });
        assert!(looped.as_mut().now_or_never().is_none());
    }
    assert_eq!(seen, [0, 1, 2, 3, 4, 5]);
    assert_eq!(receiver.try_recv(), Ok(6));
}

#[test]
fn until_ends_the_loop() {
    let (stop, stopped) = futures::channel::oneshot::channel::<()>();
    let (sender, receiver) = mpsc::unbounded();
    let mut seen = Vec::new();
    let mut looped = pin!(async {
        async_for!(
            #[until(stopped)]
            for n in receiver {
                yield_once().await;
                seen.push(n);
            }
        );
        seen
    });
    let mut cx = Context::from_waker(Waker::noop());
    sender.unbounded_send(1).unwrap();
    assert!(looped.as_mut().poll(&mut cx).is_pending());
    sender.unbounded_send(2).unwrap();
    stop.send(()).unwrap();
    assert_eq!(
        looped.poll(&mut cx),
        Poll::Ready(vec![1]),
        "the body ends, no further item is asked for"
    );
    assert_eq!(sender.len(), 0, "the stream is dropped with the loop");
}

#[test]
fn until_may_borrow_and_gives_none() {
    let found = run(async {
        let mut stop = futures::future::ready(());
        async_for!(
            #[until(&mut stop)]
            for n in stream::iter(0..) {
                break n;
            }
        )
    });
    assert_eq!(found, None);
}

#[test]
fn stream_is_dropped_when_the_loop_ends() {
    struct Tell<'a>(&'a Cell<bool>);
    impl Drop for Tell<'_> {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let dropped = Cell::new(false);
    run(async {
        let tell = Tell(&dropped);
        async_for!(for n in stream::iter(0..3).inspect_with(tell) {
            assert!(!dropped.get());
            if n == 1 {
                break;
            }
        });
        assert!(dropped.get());
    });
}

/// Ties something to a stream's life.
trait InspectWith: Stream + Sized {
    fn inspect_with<T>(self, with: T) -> Tied<Self, T> {
        Tied(self, with)
    }
}
impl<S: Stream> InspectWith for S {}

struct Tied<S, T>(S, #[allow(dead_code, reason = "held for its drop")] T);

impl<S: Stream + Unpin, T: Unpin> Stream for Tied<S, T> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        Pin::new(&mut self.0).poll_next(cx)
    }
}

//! Streams that are looped over together: merged, and zipped.

use std::cell::Cell;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use forwith::resource::closing;
use forwith::source::{Merge, StreamFn, Zip, merge, stream_fn, zip};
use forwith::{CancelToken, async_for, async_with, scope, side_by_side};
use futures::channel::mpsc;
use futures::stream::{self, FusedStream, StreamExt};
use futures::{FutureExt, Stream};

use crate::common::{Failure, Trace, Woken, run, run_to_panic, turns, yield_once};

type Numbers = StreamFn<u32, Failure>;

/// Gives `count` numbers in a resource, after so many polls each.
fn counting(trace: &Trace, name: &'static str, count: u32, polls: u32) -> Numbers {
    let trace = trace.clone();
    stream_fn(async move |out| {
        async_with!(trace.open(name), {
            for n in 0..count {
                turns(polls).await;
                out.give(n).await;
            }
        })
    })
}

fn poll_once<S: Stream + Unpin>(stream: &mut S) -> Poll<Option<S::Item>> {
    Pin::new(stream).poll_next(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn merge_gives_items_as_they_come_and_begins_behind_the_last() {
    let streams = (
        stream::iter([0, 1, 2, 3]),
        stream::iter([10, 11]),
        stream::iter([20, 21, 22]),
    );
    let seen: Vec<_> = run(merge(streams).collect());
    assert_eq!(seen, [0, 10, 20, 1, 11, 21, 2, 22, 3]);
    let streams = [vec![0, 1, 2], vec![], vec![20]].map(stream::iter);
    assert_eq!(run(merge(streams).collect::<Vec<_>>()), [0, 20, 1, 2]);
    let streams = Vec::<stream::Empty<u32>>::new();
    assert!(run(merge(streams).collect::<Vec<_>>()).is_empty());
}

#[test]
fn merge_waits_for_all_and_has_an_end() {
    let (first, items) = mpsc::unbounded();
    let (second, more) = mpsc::unbounded();
    let mut merged = merge((items, more));
    assert_eq!(poll_once(&mut merged), Poll::Pending);
    second.unbounded_send(1).unwrap();
    assert_eq!(poll_once(&mut merged), Poll::Ready(Some(1)));
    drop(second);
    assert_eq!(poll_once(&mut merged), Poll::Pending);
    first.unbounded_send(2).unwrap();
    assert_eq!(poll_once(&mut merged), Poll::Ready(Some(2)));
    assert!(!merged.is_terminated());
    drop(first);
    assert_eq!(poll_once(&mut merged), Poll::Ready(None));
    assert!(merged.is_terminated());
    assert_eq!(poll_once(&mut merged), Poll::Ready(None));
}

#[test]
fn zip_keeps_what_is_there_first_and_gives_it_back_at_the_end() {
    let (first, items) = mpsc::unbounded();
    let (second, more) = mpsc::unbounded();
    let mut zipped = zip((items, more));
    second.unbounded_send('a').unwrap();
    second.unbounded_send('b').unwrap();
    assert_eq!(poll_once(&mut zipped), Poll::Pending);
    first.unbounded_send(1).unwrap();
    assert_eq!(poll_once(&mut zipped), Poll::Ready(Some((1, 'a'))));
    assert_eq!(poll_once(&mut zipped), Poll::Pending);
    drop(first);
    assert!(!zipped.is_terminated());
    assert_eq!(poll_once(&mut zipped), Poll::Ready(None));
    assert!(zipped.is_terminated());
    assert_eq!(poll_once(&mut zipped), Poll::Ready(None));
    assert_eq!(zipped.take_unpaired(), (None, Some('b')));
    assert_eq!(zipped.take_unpaired(), (None, None));
}

#[test]
fn zip_takes_every_number_of_streams() {
    fn items<const N: usize>(n: [u32; N]) -> stream::Iter<std::array::IntoIter<u32, N>> {
        stream::iter(n)
    }
    let pairs: Vec<_> = run(zip((items([1, 2, 3]), stream::iter(["a", "b"]))).collect());
    assert_eq!(pairs, [(1, "a"), (2, "b")]);
    let eight = zip((
        items([1]),
        items([2]),
        items([3]),
        items([4]),
        items([5]),
        items([6]),
        items([7]),
        items([8, 9]),
    ));
    let eight: Vec<_> = run(eight.collect());
    assert_eq!(eight, [(1, 2, 3, 4, 5, 6, 7, 8)]);
    let arrays: Vec<_> = run(zip([items([1, 2]), items([3, 4])]).collect());
    assert_eq!(arrays, [[1, 3], [2, 4]]);
    let vectors: Vec<_> = run(zip(vec![items([1, 2]), items([3, 4])]).collect());
    assert_eq!(vectors, [[1, 3], [2, 4]]);
    let nothing = zip(Vec::<stream::Pending<u32>>::new());
    assert_eq!(run(nothing.collect::<Vec<_>>()), [[0; 0]; 0]);
    let seven = merge((
        items([1]),
        items([2]),
        items([3]),
        items([4]),
        items([5]),
        items([6]),
        items([7]),
    ));
    assert_eq!(run(seven.collect::<Vec<_>>()), [1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn break_exits_all_streams_side_by_side() {
    let trace = Trace::new();
    let found = run(async {
        let both = merge((counting(&trace, "a", 9, 1), counting(&trace, "b", 9, 2)));
        let found = async_with!(both as numbers, {
            async_for!(for n in numbers {
                let n = n?;
                trace.note(format!("got {n}"));
                if n == 2 {
                    break "found";
                }
            })
        });
        trace.note("found");
        found
    });
    assert_eq!(found, Ok::<_, Failure>(Some("found")));
    trace.expect(&[
        "entering a",
        "entering b",
        "entered a",
        "entered b",
        "got 0",
        "got 0",
        "got 1",
        "got 2",
        "exiting b: Cancelled",
        "exiting a: Cancelled",
        "exited b",
        "exited a",
        "found",
    ]);
}

#[test]
fn zip_exits_the_others_when_the_first_ends() {
    let trace = Trace::new();
    let left = run(async {
        let three = zip([
            counting(&trace, "a", 9, 0),
            counting(&trace, "b", 1, 1),
            counting(&trace, "c", 9, 0),
        ]);
        let left = async_with!(three as numbers, {
            async_for!(for [a, b, c] in &mut *numbers {
                trace.note(format!("got {} {} {}", a?, b?, c?));
            });
            trace.note("looped");
            numbers.take_unpaired()
        });
        trace.note("behind");
        left
    });
    let left: Result<_, Failure> = left;
    assert_eq!(left, Ok([Some(Ok(1)), None, Some(Ok(1))]));
    trace.expect(&[
        "entering a",
        "entering b",
        "entering c",
        "entered a",
        "entered b",
        "entered c",
        "got 0 0 0",
        "exiting b: Completed",
        "exited b",
        "looped",
        "exiting c: Cancelled",
        "exiting a: Cancelled",
        "exited c",
        "exited a",
        "behind",
    ]);
}

#[test]
fn panic_of_one_exits_the_others() {
    let trace = Trace::new();
    let broken = |trace: &Trace| -> Numbers {
        let trace = trace.clone();
        stream_fn(async move |_out| {
            async_with!(trace.open("b"), {
                turns(3).await;
                panic!("boom");
            })
        })
    };
    let lines = [
        "exiting b: Panicked(\"boom\")",
        "exited b",
        "exiting a: Cancelled",
        "exited a",
        "exiting outer: Panicked(\"boom\")",
        "exited outer",
    ];
    let message = run_to_panic(
        async {
            let both = merge((counting(&trace, "a", 9, 9), broken(&trace)));
            async_with!(trace.open("outer"), both as numbers, {
                async_for!(for n in numbers {
                    n?;
                });
            })
        }
        .map(|ended: Result<(), Failure>| ended),
    );
    assert_eq!(message, "boom");
    assert_eq!(trace.beginning_with("exit"), lines);
    trace.expect(&trace.lines().iter().map(|line| &**line).collect::<Vec<_>>());
    let message = run_to_panic(
        async {
            let both = zip((counting(&trace, "a", 9, 0), broken(&trace)));
            async_with!(trace.open("outer"), both as numbers, {
                async_for!(for (n, _) in numbers {
                    n?;
                });
            })
        }
        .map(|ended: Result<(), Failure>| ended),
    );
    assert_eq!(message, "boom");
    assert_eq!(trace.beginning_with("exit"), lines);
}

/// Each stream is exited once, wherever the loop stands, and the scope waits for it.
#[test]
fn scope_that_is_cancelled_awaits_the_exits_at_every_poll() {
    type Work = fn(&Trace) -> Pin<Box<dyn Future<Output = ()> + '_>>;
    let works: [(&str, Work); 2] = [
        ("merge", |trace| {
            Box::pin(async move {
                let both = merge((counting(trace, "a", 2, 1), counting(trace, "b", 2, 0)));
                let ended: Result<(), Failure> = async_with!(both as numbers, {
                    async_for!(for n in numbers {
                        assert!(n.is_ok());
                        yield_once().await;
                    });
                });
                ended.unwrap();
            })
        }),
        ("zip", |trace| {
            Box::pin(async move {
                let both = zip((counting(trace, "a", 2, 1), counting(trace, "b", 3, 0)));
                let ended: Result<(), Failure> = async_with!(both as numbers, {
                    async_for!(for (n, _) in numbers {
                        assert!(n.is_ok());
                        yield_once().await;
                    });
                });
                ended.unwrap();
            })
        }),
    ];
    for (name, work) in works {
        let mut cancelled = 0;
        for n in 0.. {
            let trace = Trace::new();
            let ended = run(scope(work(&trace), turns(n)));
            let sorted = |word| {
                let mut lines = trace.beginning_with(word);
                lines.sort();
                let names = lines.iter().map(|line| line.rsplit(' ').next().unwrap());
                names.map(str::to_owned).collect::<Vec<_>>()
            };
            assert_eq!(sorted("entered"), sorted("exited"), "{name}, {n}");
            assert_eq!(trace.beginning_with("cut"), [""; 0], "{name}, {n}");
            if ended.is_ok() {
                break;
            }
            cancelled += 1;
        }
        assert!(cancelled > 6, "{name}: {cancelled} points");
    }
}

/// Streams of other crates, and resources that are streams.
#[test]
fn streams_that_are_entered_side_by_side_are_merged_in_the_body() {
    let trace = Trace::new();
    let found = run(async {
        let both = side_by_side((
            closing::<_, Failure>(crate::closing::counting(&trace)),
            counting(&trace, "b", 9, 0),
        ));
        let found = async_with!(both as (a, b), {
            let more = stream::iter([7]);
            async_for!(for n in merge((a, b.map(Result::unwrap), more)) {
                trace.note(format!("got {n}"));
                if n == 1 {
                    break n;
                }
            })
        });
        trace.note("found");
        found
    });
    assert_eq!(found, Ok(Some(1)));
    trace.expect(&[
        "entering connection",
        "entering b",
        "got 7",
        "entered connection",
        "entering cursor",
        "entered b",
        "got 0",
        "entered cursor",
        "gives 0",
        "got 0",
        "got 1",
        "exiting b: Cancelled",
        "exiting cursor: Cancelled",
        "exited b",
        "exited cursor",
        "exiting connection: Cancelled",
        "exited connection",
        "found",
    ]);
}

/// A stream that counts its polls. It is ready when it is told so.
struct Counted {
    polls: Arc<AtomicUsize>,
    items: mpsc::UnboundedReceiver<usize>,
}

impl Stream for Counted {
    type Item = usize;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<usize>> {
        self.polls.fetch_add(1, Ordering::Relaxed);
        self.items.poll_next_unpin(cx)
    }
}

struct Many {
    senders: Vec<mpsc::UnboundedSender<usize>>,
    polls: Arc<AtomicUsize>,
    woken: Arc<Woken>,
}

impl Many {
    fn new(count: usize) -> (Self, Vec<Counted>) {
        let polls = Arc::new(AtomicUsize::new(0));
        let (senders, streams) = (0..count)
            .map(|_| {
                let (sender, items) = mpsc::unbounded();
                let polls = polls.clone();
                (sender, Counted { polls, items })
            })
            .unzip();
        let woken = Arc::new(Woken::default());
        let many = Many {
            senders,
            polls,
            woken,
        };
        (many, streams)
    }

    fn send(&self, to: usize, item: usize) {
        self.senders[to].unbounded_send(item).unwrap();
    }

    fn poll<S: Stream + Unpin>(&self, stream: &mut S) -> Poll<Option<S::Item>> {
        let waker = Waker::from(self.woken.clone());
        Pin::new(stream).poll_next(&mut Context::from_waker(&waker))
    }

    /// The polls since the last call.
    fn polls(&self) -> usize {
        self.polls.swap(0, Ordering::Relaxed)
    }
}

#[test]
fn of_many_merged_streams_only_the_woken_ones_are_polled() {
    let (mut many, streams) = Many::new(100);
    let mut merged: Merge<Vec<Counted>> = merge(streams);
    assert_eq!(many.poll(&mut merged), Poll::Pending);
    assert_eq!(many.polls(), 100);
    assert!(!many.woken.take());
    many.send(70, 1);
    many.send(30, 2);
    many.send(70, 3);
    assert!(many.woken.take());
    for expected in [1, 2, 3] {
        assert_eq!(many.poll(&mut merged), Poll::Ready(Some(expected)));
    }
    assert_eq!(many.poll(&mut merged), Poll::Pending);
    assert!(many.polls() <= 6, "two streams were woken");
    many.senders.clear();
    assert!(many.woken.take());
    assert_eq!(many.poll(&mut merged), Poll::Ready(None));
    assert_eq!(many.polls(), 100);
}

/// A stream that is always ready keeps none of many others from its turn.
#[test]
fn many_merged_streams_take_turns() {
    let streams: Vec<_> = (0..50).map(|n| stream::repeat(n).take(3)).collect();
    let seen: Vec<_> = run(merge(streams).collect());
    let expected: Vec<_> = (0..3).flat_map(|_| 0..50).collect();
    assert_eq!(seen, expected);
}

#[test]
fn of_many_zipped_streams_only_the_woken_ones_are_polled() {
    let (many, streams) = Many::new(40);
    let mut zipped: Zip<_, _> = zip(streams);
    assert_eq!(many.poll(&mut zipped), Poll::Pending);
    many.polls();
    for n in 0..39 {
        many.send(n, n);
    }
    assert_eq!(many.poll(&mut zipped), Poll::Pending);
    assert_eq!(many.polls(), 39);
    many.send(39, 39);
    many.send(39, 40);
    let row = many.poll(&mut zipped);
    assert_eq!(row, Poll::Ready(Some((0..40).collect())));
    assert_eq!(many.polls(), 1);
    // The next row: all are asked once.
    assert_eq!(many.poll(&mut zipped), Poll::Pending);
    assert_eq!(many.polls(), 40);
    let mut unpaired = zipped.take_unpaired();
    assert_eq!(unpaired.remove(39), Some(40));
    assert!(unpaired.iter().all(Option::is_none));
    // The one whose item was taken is asked again.
    assert_eq!(many.poll(&mut zipped), Poll::Pending);
    assert_eq!(many.polls(), 40);
    drop(many.senders);
    assert_eq!(poll_once(&mut zipped), Poll::Ready(None));
}

/// A panic of one of many, which the caller catches, keeps no other one from being polled.
#[test]
fn panic_of_one_of_many_loses_no_other() {
    for at in [0, 20, 39] {
        let streams: Vec<_> = (0..40)
            .map(|n| {
                let is_broken = Cell::new(n == at);
                let items = stream::poll_fn(move |_| {
                    assert!(!is_broken.get(), "boom");
                    Poll::Ready(Some(n))
                });
                items.take(1)
            })
            .collect();
        let mut merged = merge(streams);
        let mut seen = Vec::new();
        let mut panics = 0;
        for _ in 0..42 {
            match catch_unwind(AssertUnwindSafe(|| poll_once(&mut merged))) {
                Ok(Poll::Ready(Some(n))) => seen.push(n),
                Ok(Poll::Ready(None) | Poll::Pending) => {}
                Err(_) => panics += 1,
            }
        }
        let expected: Vec<_> = (0..40).filter(|n| *n != at).collect();
        assert_eq!((seen, panics), (expected, 1));
    }
}

#[test]
fn exits_in_many_streams_are_all_awaited() {
    let trace = Trace::new();
    let found = run(async {
        let many: Vec<_> = (0..40).map(|_| counting(&trace, "a", 9, 0)).collect();
        async_with!(merge(many) as numbers, {
            async_for!(for n in numbers {
                if n? == 1 {
                    break;
                }
            });
        })
    });
    assert_eq!(found, Ok::<_, Failure>(()));
    assert_eq!(trace.beginning_with("entered").len(), 40);
    assert_eq!(trace.beginning_with("exited").len(), 40);
}

async fn sum(trace: Trace) -> Result<u32, Failure> {
    let inner = zip((counting(&trace, "b", 3, 1), counting(&trace, "c", 9, 0)));
    let ended = async_with!(
        merge([counting(&trace, "a", 3, 1), counting(&trace, "d", 3, 0)]) as numbers,
        inner as pairs,
        {
            let mut sum = 0;
            async_for!(for n in numbers {
                sum += n?;
            });
            async_for!(for (b, c) in pairs {
                sum += b? + c?;
            });
            sum
        }
    );
    trace.note("behind");
    ended
}

#[test]
fn they_run_on_every_executor() {
    type Runs = fn(Trace) -> Result<u32, Failure>;
    let executors: [(&str, Runs); 4] = [
        ("futures", |trace| futures::executor::block_on(sum(trace))),
        ("smol", |trace| smol::block_on(smol::spawn(sum(trace)))),
        ("tokio", |trace| {
            let mut runtime = tokio::runtime::Builder::new_multi_thread();
            let runtime = runtime.worker_threads(2).build().unwrap();
            let task = runtime.spawn(sum(trace));
            runtime.block_on(task).unwrap()
        }),
        ("ours", |trace| {
            forwith_runtime::Executor::new().block_on(sum(trace))
        }),
    ];
    for (name, runs) in executors {
        let trace = Trace::new();
        assert_eq!(runs(trace.clone()), Ok(12), "{name}");
        let exits = trace.beginning_with("exited").len();
        assert_eq!(exits, 4, "{name}");
        assert_eq!(trace.lines().last().unwrap(), "behind", "{name}");
    }
}

/// A loop in a scope that nobody polls any more, with streams that own all they need.
#[test]
fn merged_streams_that_nobody_polls_do_not_hold_up_a_scope() {
    let trace = Trace::new();
    let stop = CancelToken::new();
    let ended = run(async {
        let work = async {
            let both = merge((counting(&trace, "a", 9, 0), counting(&trace, "b", 9, 0)));
            async_with!(both as numbers, {
                async_for!(for n in numbers {
                    if n? == 1 {
                        stop.cancel();
                        pending::<()>().await;
                    }
                });
            })
        };
        scope(work.map(|ended: Result<(), Failure>| ended), &stop).await
    });
    assert!(ended.is_err());
    assert_eq!(
        trace.beginning_with("exit"),
        [
            "exiting b: Cancelled",
            "exiting a: Cancelled",
            "exited b",
            "exited a",
        ]
    );
}

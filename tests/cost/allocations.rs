//! Allocations: none, except for the first resource of each depth inside a scope.

use std::cell::Cell;
use std::convert::Infallible;
use std::pin::pin;
use std::task::Poll;

use forwith::resource::{Place, Stage, local_resource_fn, owned_resource_fn, resource_fn};
use forwith::source::stream_fn;
use forwith::{AsyncExit, Outcome, async_for, async_with, scope, side_by_side};
use futures::{executor::block_on, stream};

struct Plain;

impl AsyncExit for Plain {
    type Error = Infallible;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Infallible> {
        Ok(())
    }
}

async fn everything(n: u64) -> Result<u64, Infallible> {
    let open = || std::future::ready(Ok(Plain));
    let mut sum = 0;
    'out: loop {
        async_with!(open() as _a, open() as _b, {
            async_for!(for n in stream::iter(0..n) {
                async_with!(open(), {
                    sum += n;
                    if n == 10 {
                        continue;
                    }
                    if n == 200 {
                        break 'out;
                    }
                })?;
            });
        })?;
    }
    async_with!(open(), {
        return Ok(sum);
    })?;
    Ok(0)
}

#[test]
fn neither_macro_allocates() {
    // The first run warms up what the thread allocates once.
    block_on(everything(300)).unwrap();
    let counted = allocation_counter::measure(|| {
        assert_eq!(block_on(everything(300)), Ok(20_100));
    });
    println!("allocations: {}", counted.count_total);
    assert_eq!(counted.count_total, 0);
}

#[test]
fn tuple_side_by_side_allocates_nothing() {
    let open = || std::future::ready(Ok(Plain));
    let two = || async { async_with!(side_by_side((open(), open())) as (_a, _b), {}) };
    block_on(two()).unwrap();
    let counted = allocation_counter::measure(|| block_on(two()).unwrap());
    assert_eq!(counted.count_total, 0);
    // One for each enter and exit, and one for each vector of them.
    let ten = || async { async_with!(side_by_side([(); 10].map(|()| open())), {}) };
    let counted = allocation_counter::measure(|| block_on(ten()).unwrap());
    println!(
        "allocations of an array of ten side by side: {}",
        counted.count_total
    );
    assert!(counted.count_total <= 2 * 10 + 4);
}

async fn function(stage: Stage<'_, Box<u64>>, n: Box<u64>) -> Result<(), Infallible> {
    yield_now().await;
    let (n, _) = stage.hand_out(n).await;
    yield_now().await;
    drop(n);
    Ok(())
}

async fn boxed_function(n: Box<u64>) {
    async_with!(resource_fn(|stage| function(stage, n)) as n, { **n += 1 }).unwrap();
}

async fn owned_function(n: Box<u64>) {
    async_with!(owned_resource_fn(|stage| function(stage, n)) as n, {
        **n += 1
    })
    .unwrap();
}

async fn local_function(n: Box<u64>) {
    async_with!(local_resource_fn(|stage| function(stage, n)) as n, {
        **n += 1
    })
    .unwrap();
}

async fn pinned_function(n: Box<u64>) {
    let mut place = Place::new();
    let (stage, resource) = place.split();
    let function = pin!(function(stage, n));
    async_with!(resource.of(function) as n, { **n += 1 }).unwrap();
}

#[test]
fn resource_function_takes_two_allocations_or_none() {
    fn count<F: Future<Output = ()>>(work: impl Fn(Box<u64>) -> F) -> u64 {
        block_on(work(Box::new(1)));
        let n = Box::new(1);
        allocation_counter::measure(|| block_on(work(n))).count_total
    }
    assert_eq!(count(boxed_function), 2);
    assert_eq!(count(owned_function), 3); // and one for the exit
    assert_eq!(count(local_function), 2);
    assert_eq!(count(pinned_function), 0);
}

/// Enters `n` pairs of nested resources, one pair after the other.
async fn entered(n: u64) {
    for _ in 0..n {
        async_with!(std::future::ready(Ok(Plain)), {
            async_with!(std::future::ready(Ok(Plain)), {
                yield_now().await;
            })
        })
        .unwrap()
        .unwrap();
    }
}

async fn yield_now() {
    let mut pending = true;
    std::future::poll_fn(|cx| {
        cx.waker().wake_by_ref();
        if std::mem::take(&mut pending) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
}

fn allocations_in_a_scope(n: u64) -> u64 {
    let run = || block_on(scope(entered(n), std::future::pending::<()>())).unwrap();
    run();
    allocation_counter::measure(run).count_total
}

#[test]
fn scope_allocates_for_its_first_resources_only() {
    let first = allocations_in_a_scope(1);
    println!("allocations of a scope with one resource inside another: {first}");
    assert!(first <= 4);
    assert_eq!(allocations_in_a_scope(100), first);
}

#[test]
fn scope_without_resources_allocates_nothing() {
    assert_eq!(allocations_in_a_scope(0), 0);
}

#[test]
fn counter_counts() {
    let counted = allocation_counter::measure(|| drop(std::hint::black_box(Box::new(1))));
    assert_eq!(counted.count_total, 1);
}

/// Three for the stream, three for the scope with a resource in it, and two for an exit before its
/// end.
#[test]
fn stream_of_a_function_allocates_for_itself_and_not_for_its_items() {
    async fn sum(items: u64, until: u64) -> Result<u64, Infallible> {
        let numbers = stream_fn(async move |out| {
            async_with!(std::future::ready(Ok(Plain)), {
                for n in 0..items {
                    out.give(n).await;
                }
            })
        });
        async_with!(numbers as numbers, {
            let mut sum = 0;
            async_for!(for n in numbers {
                let n = n?;
                sum += n;
                if n == until {
                    break;
                }
            });
            sum
        })
    }
    block_on(sum(9, 9)).unwrap();
    for (items, until, expected) in [(1, 9, 6), (1_000, 9_999, 6), (1_000, 9, 7)] {
        let counted = allocation_counter::measure(|| {
            block_on(sum(items, until)).unwrap();
        });
        println!("{items} items until {until}: {}", counted.count_total);
        assert_eq!(counted.count_total, expected, "{items} items");
    }
}

#[test]
fn warm_concurrent_loop_allocates_nothing() {
    async fn sum(items: u64, limit: usize) -> u64 {
        let sum = Cell::new(0);
        async_for!(
            #[concurrent(limit)]
            for n in stream::iter(0..items) {
                crate::common::yield_once().await;
                sum.set(sum.get() + n);
            }
        );
        sum.get()
    }
    block_on(sum(9, 9)); // warms up what the thread allocates once
    for limit in [1, 8, 100] {
        let count = |items| {
            let counted = allocation_counter::measure(|| {
                assert_eq!(block_on(sum(items, limit)), items * (items - 1) / 2);
            });
            counted.count_total
        };
        let (few, many) = (count(1_000), count(10_000));
        println!("{limit} at once: {few} for 1,000 items");
        assert_eq!(few, many, "{limit} at once");
        assert!(few <= 20, "{few} for {limit} at once");
    }
}

#[test]
fn resources_in_a_warm_concurrent_loop_allocate_nothing() {
    let open = || std::future::ready(Ok(Plain));
    let count = |items| {
        let counted = allocation_counter::measure(|| {
            let ended = block_on(async {
                async_for!(
                    #[concurrent(4)]
                    for _ in stream::iter(0..items) {
                        async_with!(open(), { crate::common::yield_once().await })?;
                    }
                );
                Ok::<_, Infallible>(())
            });
            assert_eq!(ended, Ok(()));
        });
        counted.count_total
    };
    count(9); // warms up what the thread allocates once
    assert_eq!(count(100), count(10_000));
}

//! Sizes of the macros' futures, compared with hand-written code.
//!
//! `cargo test --test cost -- --nocapture` prints the figures.
#![allow(clippy::cast_precision_loss, reason = "sizes are small")]

use std::future::{Ready, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::task::Poll;

use forwith::resource::{Place, Stage, resource_fn};
use forwith::{
    AsyncExit, CancelToken, Cancelled, Outcome, OwnedExit, OwnedOutcome, async_for, async_with,
    scope, side_by_side,
};
use futures::{StreamExt, stream};

use crate::common::yield_once;

/// A resource of one pointer.
struct Connection(Box<u64>);

#[derive(Debug)]
struct Broken;

impl Connection {
    async fn open() -> Result<Self, Broken> {
        yield_once().await;
        Ok(Connection(Box::new(1)))
    }

    async fn send(&mut self, n: u64) -> Result<u64, Broken> {
        yield_once().await;
        *self.0 += n;
        Ok(*self.0)
    }
}

impl AsyncExit for Connection {
    type Error = Broken;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Broken> {
        yield_once().await;
        Ok(())
    }
}

/// The hand-written scope: the body pinned in place, its panic caught, the exit awaited in any
/// case.
async fn by_hand(n: u64) -> Result<u64, Broken> {
    let mut connection = Connection::open().await?;
    let caught = {
        let mut body = pin!(async {
            let mut sum = 0;
            for n in 0..n {
                sum += connection.send(n).await?;
            }
            Ok(sum)
        });
        caught(body.as_mut()).await
    };
    let exit = connection.exit(outcome(&caught)).await;
    settle(caught, exit)
}

async fn by_macro(n: u64) -> Result<u64, Broken> {
    async_with!(Connection::open() as connection, {
        let mut sum = 0;
        for n in 0..n {
            sum += connection.send(n).await?;
        }
        sum
    })
}

async fn two_by_hand(n: u64) -> Result<u64, Broken> {
    let mut a = Connection::open().await?;
    let outer = {
        let mut body = pin!(async {
            let mut b = Connection::open().await?;
            let inner = {
                let mut body = pin!(async {
                    let mut sum = 0;
                    for n in 0..n {
                        sum += a.send(n).await? + b.send(n).await?;
                    }
                    Ok(sum)
                });
                caught(body.as_mut()).await
            };
            let exit = b.exit(outcome(&inner)).await;
            settle(inner, exit)
        });
        caught(body.as_mut()).await
    };
    let exit = a.exit(outcome(&outer)).await;
    settle(outer, exit)
}

async fn two_by_macro(n: u64) -> Result<u64, Broken> {
    async_with!(Connection::open() as a, Connection::open() as b, {
        let mut sum = 0;
        for n in 0..n {
            sum += a.send(n).await? + b.send(n).await?;
        }
        sum
    })
}

async fn two_side_by_side(n: u64) -> Result<u64, Broken> {
    let both = side_by_side((Connection::open(), Connection::open()));
    async_with!(both as (a, b), {
        let mut sum = 0;
        for n in 0..n {
            sum += a.send(n).await? + b.send(n).await?;
        }
        sum
    })
}

/// A resource of one pointer whose exit owns all it needs.
struct Owned(Box<u64>);

impl Owned {
    async fn open() -> Result<Self, Broken> {
        yield_once().await;
        Ok(Owned(Box::new(1)))
    }
}

impl OwnedExit for Owned {
    type Error = Broken;

    async fn exit_owned(self, _: OwnedOutcome) -> Result<(), Broken> {
        yield_once().await;
        drop(self.0);
        Ok(())
    }
}

async fn two_owned_nested() -> Result<u64, Broken> {
    async_with!(Owned::open() as a, Owned::open() as b, {
        yield_once().await;
        *a.0 + *b.0
    })
}

async fn two_owned_side_by_side() -> Result<u64, Broken> {
    async_with!(side_by_side((Owned::open(), Owned::open())) as (a, b), {
        yield_once().await;
        *a.0 + *b.0
    })
}

enum Left {
    End(u64),
    Large([u64; 8]),
    Medium([u64; 6]),
    Text(String),
    Small(u64),
}

async fn jumps_by_hand(n: u64) -> Result<u64, Broken> {
    let mut connection = Connection::open().await?;
    let caught = {
        let mut body = pin!(async {
            Ok(match connection.send(n).await? {
                1 => Left::Large([n; 8]),
                2 => Left::Medium([n; 6]),
                3 => Left::Text(n.to_string()),
                4 => Left::Small(n),
                sum => Left::End(sum),
            })
        });
        caught(body.as_mut()).await
    };
    let exit = connection.exit(outcome(&caught)).await;
    Ok(match settle(caught, exit)? {
        Left::End(sum) => sum,
        Left::Large(large) => large.iter().sum(),
        Left::Medium(medium) => medium.iter().sum(),
        Left::Text(text) => text.len() as u64,
        Left::Small(small) => small * 100,
    })
}

#[expect(clippy::diverging_sub_expression, reason = "a jump leaves each block")]
async fn jumps_by_macro(n: u64) -> Result<u64, Broken> {
    let small: u64 = 'small: {
        let large: [u64; 8] = 'large: {
            let medium: [u64; 6] = 'medium: {
                let text: String = 'text: {
                    return async_with!(Connection::open() as connection, {
                        match connection.send(n).await? {
                            1 => break 'large [n; 8],
                            2 => break 'medium [n; 6],
                            3 => break 'text n.to_string(),
                            4 => break 'small n,
                            sum => sum,
                        }
                    });
                };
                return Ok(text.len() as u64);
            };
            return Ok(medium.iter().sum());
        };
        return Ok(large.iter().sum());
    };
    Ok(small * 100)
}

type Caught<T> = Result<Result<T, Broken>, Box<dyn std::any::Any + Send>>;

fn caught<F: Future>(
    mut body: Pin<&mut F>,
) -> impl Future<Output = Result<F::Output, Box<dyn std::any::Any + Send>>> {
    poll_fn(
        move |cx| match catch_unwind(AssertUnwindSafe(|| body.as_mut().poll(cx))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Err(payload) => Poll::Ready(Err(payload)),
        },
    )
}

fn outcome<T>(caught: &Caught<T>) -> Outcome<'static> {
    match caught {
        Ok(Ok(_)) => Outcome::Completed,
        Ok(Err(_)) => Outcome::Failed,
        Err(_) => Outcome::Panicked(""),
    }
}

fn settle<T>(caught: Caught<T>, exit: Result<(), Broken>) -> Result<T, Broken> {
    match caught {
        Err(payload) => resume_unwind(payload),
        Ok(Err(error)) => Err(error),
        Ok(Ok(value)) => exit.map(|()| value),
    }
}

async fn while_let(n: u64) -> u64 {
    let mut numbers = stream::iter(0..n);
    let mut sum = 0;
    while let Some(n) = numbers.next().await {
        sum += n;
    }
    sum
}

async fn for_loop(n: u64) -> u64 {
    let mut sum = 0;
    async_for!(for n in stream::iter(0..n) {
        sum += n;
    });
    sum
}

#[test]
fn scope_is_at_most_1_3_times_handwritten_code() {
    for (what, by_macro, by_hand) in [
        (
            "one resource",
            size_of_val(&by_macro(1)),
            size_of_val(&by_hand(1)),
        ),
        (
            "two resources",
            size_of_val(&two_by_macro(1)),
            size_of_val(&two_by_hand(1)),
        ),
        (
            "jumps with values",
            size_of_val(&jumps_by_macro(1)),
            size_of_val(&jumps_by_hand(1)),
        ),
    ] {
        let ratio = by_macro as f64 / by_hand as f64;
        println!("async_with!, {what}: {by_macro} bytes, by hand {by_hand}: {ratio:.2}");
        assert!(ratio <= 1.3, "{what}: {ratio}");
    }
}

#[test]
fn two_side_by_side_are_at_most_1_3_times_two_nested() {
    let nested = size_of_val(&two_by_macro(1));
    let side_by_side = size_of_val(&two_side_by_side(1));
    let ratio = side_by_side as f64 / nested as f64;
    println!("two side by side: {side_by_side} bytes, nested {nested}: {ratio:.2}");
    assert!(ratio <= 1.3, "{ratio}");

    let nested = size_of_val(&two_owned_nested());
    let side_by_side = size_of_val(&two_owned_side_by_side());
    let ratio = side_by_side as f64 / nested as f64;
    println!("two of owned exits side by side: {side_by_side} bytes, nested {nested}: {ratio:.2}");
    assert!(ratio <= 1.3, "{ratio}");
}

/// The resource of `by_macro` as one function.
async fn function(stage: Stage<'_, Connection>) -> Result<(), Broken> {
    let connection = Connection::open().await?;
    let (_connection, _) = stage.hand_out(connection).await;
    yield_once().await;
    Ok(())
}

async fn by_function(n: u64) -> Result<u64, Broken> {
    async_with!(resource_fn(function) as connection, {
        let mut sum = 0;
        for n in 0..n {
            sum += connection.send(n).await?;
        }
        sum
    })
}

async fn by_pinned_function(n: u64) -> Result<u64, Broken> {
    let mut place = Place::new();
    let (stage, resource) = place.split();
    let function = pin!(function(stage));
    async_with!(resource.of(function) as connection, {
        let mut sum = 0;
        for n in 0..n {
            sum += connection.send(n).await?;
        }
        sum
    })
}

#[test]
fn resource_function_adds_a_few_words() {
    let pair = size_of_val(&by_macro(1));
    let boxed = size_of_val(&by_function(1));
    let pinned = size_of_val(&by_pinned_function(1));
    println!(
        "a resource of two traits: {pair} bytes, a function in a box {boxed}, pinned {pinned}"
    );
    assert!(boxed <= pair + 64);
    assert!(pinned <= pair + 160);
}

#[test]
fn stopped_scopes_cost_a_scope_nothing() {
    let stop = CancelToken::new();
    let token = size_of_val(&stop.cancelled());
    let bytes = size_of_val(&scope(ready(()), &stop)) - size_of::<Ready<()>>() - token;
    println!("scope: {bytes} bytes beside the future and the token");
    assert!(bytes <= 47, "it was that before a stop had a value");
    // The error is one word beside the reason and the flag.
    assert_eq!(size_of::<Cancelled>(), 2 * size_of::<usize>());
    assert_eq!(size_of::<Result<u64, Cancelled>>(), 2 * size_of::<usize>());
}

#[test]
fn loop_is_at_most_8_bytes_above_while_let() {
    let (by_macro, by_hand) = (size_of_val(&for_loop(1)), size_of_val(&while_let(1)));
    println!("async_for!: {by_macro} bytes, while let {by_hand}");
    assert!(by_macro <= by_hand + 8);
}

#[test]
fn macros_and_handwritten_code_agree() {
    use futures::executor::block_on;
    assert_eq!(
        block_on(by_macro(5)).unwrap(),
        block_on(by_hand(5)).unwrap()
    );
    assert_eq!(
        block_on(two_by_macro(5)).unwrap(),
        block_on(two_by_hand(5)).unwrap()
    );
    assert_eq!(
        block_on(by_function(5)).unwrap(),
        block_on(by_hand(5)).unwrap()
    );
    assert_eq!(
        block_on(by_pinned_function(5)).unwrap(),
        block_on(by_hand(5)).unwrap()
    );
    assert_eq!(
        block_on(two_side_by_side(5)).unwrap(),
        block_on(two_by_hand(5)).unwrap()
    );
    assert_eq!(
        block_on(two_owned_side_by_side()).unwrap(),
        block_on(two_owned_nested()).unwrap()
    );
    for n in 0..6 {
        assert_eq!(
            block_on(jumps_by_macro(n)).unwrap(),
            block_on(jumps_by_hand(n)).unwrap()
        );
    }
    assert_eq!(block_on(for_loop(5)), block_on(while_let(5)));
}

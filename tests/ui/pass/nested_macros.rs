//! Calls inside each other and inside macros of others.

use forwith::{async_for, async_with};
use futures::executor::block_on;
use futures::future::ready;
use support::{connect, numbers};

async fn resource_in_loop_in_resource() -> Result<Vec<u32>, String> {
    let mut seen = Vec::new();
    let last = 'all: loop {
        async_with!(connect() as outer, {
            async_for!('numbers: for number in numbers() {
                async_with!(connect() as inner, {
                    match number {
                        0 => continue,
                        1 => continue 'numbers,
                        5 => break 'all inner.rows[0] + outer.rows[0],
                        _ => seen.push(number),
                    }
                })?;
            });
        })?;
    };
    seen.push(last);
    Ok(seen)
}

async fn through_macros_that_bring_no_loop() -> Result<u32, String> {
    let mut rounds = 0;
    loop {
        rounds += 1;
        async_with!(connect() as db, {
            let text = format!("{}", if rounds == 1 { continue } else { rounds });
            futures::select_biased! {
                _ = ready(1) => if rounds == 2 { continue },
                _ = std::future::pending::<()>().boxed_fuse() => return Err("never".into()),
            }
            tokio::select! {
                biased;
                _ = ready(1), if rounds == 3 => continue,
                _ = ready(2) => {}
            }
            let list = vec![db.rows[0], if rounds == 4 { break } else { 7 }];
            assert_eq!(
                list.len(),
                2,
                "{}",
                if text.is_empty() { break } else { text }
            );
        })?;
    }
    Ok(rounds)
}

trait BoxedFuse: Sized + Future {
    fn boxed_fuse(self) -> futures::future::Fuse<std::pin::Pin<Box<Self>>> {
        futures::FutureExt::fuse(Box::pin(self))
    }
}

impl<F: Future> BoxedFuse for F {}

macro_rules! twice {
    ($body:expr) => {
        for _ in 0..2 {
            $body
        }
    };
}

macro_rules! on_a_connection {
    ($name:ident => $($body:tt)*) => {
        async_with!(connect() as $name, { $($body)* })
    };
}

macro_rules! first_that {
    ($number:ident in $stream:expr, $condition:expr) => {
        async_for!('own: for $number in $stream {
            loop {
                if $condition {
                    break 'own $number;
                }
                break;
            }
        })
    };
}

async fn unknown_macros() -> Result<u32, String> {
    let mut count = 0;
    'rounds: loop {
        async_with!(connect() as db, {
            // The unlabelled jump belongs to the loop of `twice!`, the labelled one does not.
            twice!({
                count += db.rows[0];
                if count < 10 {
                    continue;
                }
                break 'rounds;
            });
        })?;
    }
    Ok(count)
}

async fn from_the_user_s_own_macros() -> Result<u32, String> {
    let found = first_that!(number in numbers(), number * number > 20);
    let rows = on_a_connection!(db => db.rows.len())?;
    for _ in 0..1 {
        on_a_connection!(db => if db.rows.len() == rows { continue })?;
        return Err("never".into());
    }
    found.ok_or_else(String::new)
}

#[test]
fn macros_work_inside_macros() {
    assert_eq!(
        block_on(resource_in_loop_in_resource()),
        Ok(vec![2, 3, 4, 2])
    );
    assert_eq!(block_on(through_macros_that_bring_no_loop()), Ok(4));
    assert_eq!(block_on(unknown_macros()), Ok(10));
    assert_eq!(block_on(from_the_user_s_own_macros()), Ok(5));
}

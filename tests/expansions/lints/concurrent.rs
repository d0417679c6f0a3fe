//! `#[concurrent(n)]` and `#[collect]` in every form.

use core::future::{pending, ready};
use core::sync::atomic::{AtomicU32, Ordering};

use forwith::source::from_fn;
use forwith::{AsyncExit, Outcome, async_for, async_with};
use futures::executor::block_on;
use futures::stream::{self, Stream};

fn numbers() -> impl Stream<Item = u32> {
    stream::iter(0_u32..10_u32)
}

struct Row(u32);

impl AsyncExit for Row {
    type Error = u32;

    async fn exit(self, _outcome: Outcome<'_>) -> Result<(), u32> {
        Ok(())
    }
}

async fn open(number: u32) -> Result<Row, u32> {
    ready(if number < 20 {
        Ok(Row(number))
    } else {
        Err(number)
    })
    .await
}

async fn bodies(limit: usize) -> u32 {
    let sum = AtomicU32::new(0);
    let add = |number: u32| {
        _ = sum.fetch_add(number, Ordering::Relaxed);
    };
    async_for!(
        #[concurrent(2)]
        for _ in numbers() {}
    );
    async_for!(
        #[concurrent(limit)]
        for _number in numbers() {}
    );
    async_for!(
        #[concurrent(unlimited)]
        for number in numbers() {
            add(number);
        }
    );
    async_for!(
        #[concurrent(limit)]
        for number in numbers() {
            add(number)
        }
    );
    async_for!(
        #[concurrent(2)]
        for mut number in numbers() {
            number = number.saturating_add(1);
            add(number);
        }
    );
    async_for!(
        #[concurrent(2)]
        for Ok(number) | Err(number) in stream::iter([Ok(1_u32), Err(2_u32)]) {
            add(number);
        }
    );
    sum.into_inner()
}

async fn options() -> u32 {
    let last = AtomicU32::new(0);
    async_for!(
        #[concurrent(2)]
        #[until(pending::<()>())]
        #[yield_every(3)]
        for number in numbers() {
            last.store(number, Ordering::Relaxed);
        }
    );
    async_for!(
        #[yield_every(never)]
        #[concurrent(unlimited)]
        for number in &mut stream::iter([3_u32, 4_u32]) {
            _ = last.fetch_add(number, Ordering::Relaxed);
        }
    );
    last.into_inner()
}

async fn jumps() -> Option<u32> {
    let found = async_for!(
        #[concurrent(3)]
        'numbers: for number in numbers() {
            if number == 2 {
                continue;
            }
            if number == 3 {
                continue 'numbers;
            }
            if number == 5 {
                break number;
            }
            if number == 7 {
                break 'numbers number.saturating_add(1);
            }
            if number == 9 {
                return None;
            }
        }
    )?;
    'outer: for turn in 0_u32..3_u32 {
        async_for!(
            #[concurrent(3)]
            for number in numbers() {
                if turn == 0 {
                    continue 'outer;
                }
                if number == 3 {
                    break;
                }
                if turn == 2 {
                    break 'outer;
                }
            }
        );
    }
    Some(found)
}

async fn sources() -> Vec<u32> {
    let mut left: u32 = 3;
    let source = from_fn(async || {
        left = left.checked_sub(1)?;
        Some(left)
    });
    async_for!(
        #[concurrent(2)]
        #[collect]
        for number in source {
            number
        }
    )
}

async fn values() -> Result<Vec<u32>, u32> {
    let values = async_for!(
        #[concurrent(2)]
        #[collect]
        'numbers: for number in numbers() {
            if number < 4 {
                continue 'numbers;
            }
            if number == 7 {
                break;
            }
            async_with!(open(number) as row, { row.0 })?
        }
    );
    Ok(values)
}

async fn nested() -> Result<u32, u32> {
    let sum = AtomicU32::new(0);
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            async_with!(open(number) as outer, {
                async_for!(
                    #[concurrent(2)]
                    for other in numbers() {
                        async_with!(open(other) as inner, {
                            _ = sum.fetch_add(outer.0.min(inner.0), Ordering::Relaxed);
                        })?;
                    }
                );
            })?;
        }
    );
    Ok(sum.into_inner())
}

#[test]
fn no_lint_fires_on_concurrent_loops() {
    block_on(async {
        assert_eq!(bodies(3).await, 45 + 45 + 55 + 3);
        assert_eq!(options().await, 16);
        assert_eq!(jumps().await, Some(5));
        assert_eq!(sources().await, [2, 1, 0]);
        assert_eq!(values().await, Ok(vec![4, 5, 6]));
        assert_eq!(nested().await, Ok(285));
    });
}

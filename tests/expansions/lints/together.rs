//! The two macros inside each other.

use core::future::ready;

use forwith::{AsyncExit, Outcome, async_for, async_with};
use futures::executor::block_on;
use futures::stream::{self, Stream};

struct Lock(u32);

impl AsyncExit for Lock {
    type Error = String;

    async fn exit(self, _outcome: Outcome<'_>) -> Result<(), String> {
        ready(Ok(())).await
    }
}

async fn lock(key: u32) -> Result<Lock, String> {
    ready(Ok(Lock(key))).await
}

fn numbers() -> impl Stream<Item = u32> {
    stream::iter(0_u32..10_u32)
}

async fn resource_in_loop() -> Result<Option<u32>, String> {
    let found = async_for!('numbers: for number in numbers() {
        async_with!(lock(number) as lock, {
            if lock.0 == 1 {
                continue;
            }
            if lock.0 == 2 {
                continue 'numbers;
            }
            if lock.0 == 6 {
                break number;
            }
        })?;
    });
    Ok(found)
}

async fn loop_in_resource() -> Result<u32, String> {
    async_with!(lock(3) as lock, {
        let Some(found) = async_for!(for number in numbers() {
            if number == lock.0 {
                break number;
            }
        }) else {
            return Err("there is none".to_owned());
        };
        found
    })
}

async fn deep() -> Result<u32, String> {
    let found = 'search: loop {
        async_with!(lock(1) as outer, {
            async_for!(for number in numbers() {
                async_with!(lock(number) as inner, lock(number), {
                    async_for!(
                        #[yield_every(never)]
                        'again: for other in numbers() {
                            if other == 2 {
                                break 'again;
                            }
                            if inner.0 == 4 {
                                break 'search outer.0.saturating_add(inner.0);
                            }
                        }
                    );
                })?;
            });
        })?;
    };
    Ok(found)
}

async fn in_closures_and_blocks() -> Result<u32, String> {
    let closure = async |key: u32| async_with!(lock(key) as lock, { lock.0 });
    let block = async {
        for number in 0..2 {
            async_with!(lock(number), { continue })?;
        }
        Ok::<_, String>(2_u32)
    };
    async_with!(lock(0) as lock, {
        let sum = closure(1).await?.saturating_add(block.await?);
        sum.saturating_add(lock.0)
    })
}

#[test]
fn no_lint_fires_on_nested_calls() {
    block_on(async {
        assert_eq!(resource_in_loop().await, Ok(Some(6)));
        assert_eq!(loop_in_resource().await, Ok(3));
        assert_eq!(deep().await, Ok(5));
        assert_eq!(in_closures_and_blocks().await, Ok(3));
    });
}

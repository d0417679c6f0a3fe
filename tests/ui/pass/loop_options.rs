//! Loops with options.

use std::future::{IntoFuture, Ready, pending, ready};

use forwith::async_for;
use futures::executor::block_on;
use futures::stream;
use support::numbers;

const FEW: u32 = 2;

async fn count<const N: u32>() -> u32 {
    let mut count = 0;
    async_for!(
        #[yield_every(N)]
        for _ in numbers() {
            count += 1;
        }
    );
    async_for!(
        #[yield_every(FEW * 2)]
        for _ in numbers() {
            count += 1;
        }
    );
    async_for!(
        #[yield_every(never)]
        for _ in numbers() {
            count += 1;
        }
    );
    count
}

struct Soon;

impl IntoFuture for Soon {
    type Output = ();
    type IntoFuture = Ready<()>;

    fn into_future(self) -> Ready<()> {
        ready(())
    }
}

async fn ended_at_once() -> u32 {
    let mut count = 0;
    async_for!(
        #[until(Soon)]
        for () in stream::pending() {
            count += 1;
        }
    );
    count
}

async fn both_options_and_label() -> Option<u32> {
    let mut signal = std::pin::pin!(pending::<()>());
    async_for!(
        #[until(&mut signal)]
        #[yield_every(3)]
        'numbers: for number in numbers() {
            loop {
                if number == 7 {
                    break 'numbers number;
                }
                continue 'numbers;
            }
        }
    )
}

#[test]
fn loop_options_work() {
    assert_eq!(block_on(count::<3>()), 30);
    assert_eq!(block_on(ended_at_once()), 0);
    assert_eq!(block_on(both_options_and_label()), Some(7));
}

//! Neither macro allocates.

use std::convert::Infallible;

use forwith::{AsyncExit, Outcome, async_for, async_with};
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
fn the_counter_counts() {
    let counted = allocation_counter::measure(|| drop(std::hint::black_box(Box::new(1))));
    assert_eq!(counted.count_total, 1);
}

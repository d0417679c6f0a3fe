use forwith::{async_for, source::merge};
use futures::stream::iter;

async fn sum() -> u32 {
    let mut sum = 0;
    async_for!(for n in merge(iter([1, 2])) {
        sum += n;
    });
    sum
}

fn main() {}

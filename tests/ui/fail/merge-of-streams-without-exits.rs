use forwith::source::merge;
use forwith::{async_for, async_with};
use futures::stream::iter;

async fn sum() -> Result<u32, String> {
    async_with!(merge((iter([1]), iter([2]))) as numbers, {
        let mut sum = 0;
        async_for!(for n in numbers {
            sum += n;
        });
        sum
    })
}

fn main() {}

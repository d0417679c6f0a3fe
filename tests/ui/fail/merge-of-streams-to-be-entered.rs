use forwith::resource::closing;
use forwith::source::merge;
use forwith::{async_for, async_with};
use futures::stream::iter;

async fn sum() -> Result<u32, String> {
    let both = merge((closing(iter([1])), closing(iter([2]))));
    async_with!(both as numbers, {
        let mut sum = 0;
        async_for!(for n in numbers {
            sum += n;
        });
        sum
    })
}

fn main() {}

use forwith::{async_for, source::merge};
use futures::stream::iter;

async fn all() {
    async_for!(for item in merge((iter([1]), iter(["one"]))) {
        println!("{item}");
    });
}

fn main() {}

use forwith::{async_for, source::zip};
use futures::stream::{iter, once};

async fn all() {
    let slow = once(async { 1 });
    async_for!(for (slow, n) in zip((slow, iter([1, 2]))) {
        println!("{slow} {n}");
    });
}

fn main() {}

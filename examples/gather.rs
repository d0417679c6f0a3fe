//! How do I run several futures at once? With `gather`: the results come in the order given, in the
//! time of the longest.

use std::time::Duration;

use forwith_runtime::{Executor, gather, now, sleep};

async fn cube(x: u64) -> u64 {
    sleep(Duration::from_secs(x)).await;
    println!("{:?}: {x} is done", now());
    x * x * x
}

fn main() {
    Executor::with_virtual_clock().block_on(async {
        let cubes = gather([cube(3), cube(5), cube(4)]).await;
        println!("{:?}: {cubes:?}", now());
        assert_eq!(cubes, [27, 125, 64]);
        assert_eq!(now(), Duration::from_secs(5));
    });
}

//! Three coroutines at once: the results come in the order given, in the time of the longest.

use std::time::Duration;

use forwith_runtime::{Executor, gather, now, sleep};

async fn cube(x: u64) -> u64 {
    sleep(Duration::from_secs(x)).await;
    x * x * x
}

fn main() {
    let (cubes, elapsed) = Executor::with_virtual_clock()
        .block_on(async { (gather([cube(3), cube(4), cube(5)]).await, now()) });
    println!("{cubes:?} after {} seconds", elapsed.as_secs());
    assert_eq!(
        (cubes, elapsed),
        (vec![27, 64, 125], Duration::from_secs(5))
    );
}

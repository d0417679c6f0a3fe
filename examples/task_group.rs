//! How do I start tasks that must not outlive their function? In a `TaskGroup`: its exit awaits
//! them all, and the first failure cancels the others and the body.

use std::time::Duration;

use forwith::async_with;
use forwith_runtime::{Executor, TaskGroup, now, sleep};

async fn cube(x: u64) -> Result<u64, String> {
    sleep(Duration::from_secs(x)).await;
    println!("{:?}: {x} is done", now());
    if x == 4 {
        return Err("four is refused".into());
    }
    Ok(x * x * x)
}

async fn sum(numbers: &[u64]) -> Result<u64, String> {
    async_with!(TaskGroup::new() as group, {
        let tasks: Vec<_> = numbers.iter().map(|&x| group.spawn(cube(x))).collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap_or(0); // `None` if the task failed; the group gives the error
        }
        sum
    })
}

fn main() {
    Executor::with_virtual_clock().block_on(async {
        assert_eq!(sum(&[3, 5]).await, Ok(152));
        assert_eq!(now(), Duration::from_secs(5));
        assert_eq!(sum(&[3, 4, 3600]).await, Err("four is refused".into()));
        println!("{:?}: nobody waited for 3600", now());
        assert_eq!(now(), Duration::from_secs(5 + 4));
    });
}

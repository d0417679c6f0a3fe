//! How do I test code that waits for hours? With `Executor::with_virtual_clock`: only waiting moves
//! its clock, so a test takes no time, and gives the same trace in every run.

use std::time::{Duration, Instant};

use forwith_runtime::{Executor, Timeline, now, sleep, spawn_named, timeline, timeout};

const HOUR: Duration = Duration::from_secs(3600);

/// The code to test: tries again every hour.
async fn retry(mut attempts: u32) -> &'static str {
    while attempts > 1 {
        timeline::note("no answer");
        sleep(HOUR).await;
        attempts -= 1;
    }
    "an answer"
}

fn main() {
    let (begun, record) = (Instant::now(), Timeline::new());
    let executor = Executor::with_virtual_clock().record(&record);
    executor.block_on(async {
        let task = spawn_named("retry", retry(4));
        assert_eq!(task.await.unwrap(), "an answer");
        assert_eq!(now(), 3 * HOUR); // to the nanosecond
        assert!(timeout(HOUR / 2, retry(4)).await.is_err());
    });
    println!("{record}");
    assert_eq!(record.to_string().matches("no answer").count(), 3 + 1);
    assert!(begun.elapsed() < HOUR);
}

//! A blocking pool in which each call waits for the one before.

use std::time::Duration;

use tokio::task::spawn_blocking;

/// Runs this on a runtime whose blocking pool has one thread.
pub fn in_a_small_pool(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    runtime.block_on(work);
}

/// Makes the pool busy for a moment, so that the next call is not ready at once.
pub fn keep_busy() {
    drop(spawn_blocking(|| {
        std::thread::sleep(Duration::from_millis(5));
    }));
}

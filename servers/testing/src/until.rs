//! Waiting for what a server must come to.

use std::fmt::Debug;
use std::time::{Duration, Instant};

/// How long a test waits for what must come.
pub const BOUND: Duration = Duration::from_secs(30);

/// Looks until there is something, and gives that.
///
/// # Panics
///
/// Panics behind the bound, with what was seen instead.
pub async fn until<T, E: Debug>(what: &str, mut look: impl AsyncFnMut() -> Result<T, E>) -> T {
    let begun = Instant::now();
    loop {
        match look().await {
            Ok(found) => return found,
            Err(seen) => {
                assert!(
                    begun.elapsed() < BOUND,
                    "waited in vain for {what}, and saw {seen:?}"
                );
            }
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Awaits something that must come.
///
/// # Panics
///
/// Panics behind the bound.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    let soon = tokio::time::timeout(BOUND, future).await;
    soon.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

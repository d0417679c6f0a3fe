//! Tasks of a tracker of tokio-util, which end with a body.

use forwith::async_with;
use forwith::resource::exit_with;
use std::convert::Infallible;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Runs work that may spawn. Behind it all tasks have ended: by themselves if the work has
/// completed, and told by the token otherwise.
///
/// [`forwith::on_tokio::TaskGroup`] also aborts those that do not listen, and collects what they
/// give.
pub async fn with_tasks<T>(work: impl AsyncFnOnce(&TaskTracker, &CancellationToken) -> T) -> T {
    let token = CancellationToken::new();
    let stop = token.clone();
    let tracker = exit_with(TaskTracker::new(), async move |tracker, outcome| {
        if !outcome.is_completed() {
            stop.cancel();
        }
        tracker.close();
        tracker.wait().await;
        Ok::<_, Infallible>(())
    });

    let done = async_with!(tracker as tracker, { work(tracker, &token).await });
    done.unwrap_or_else(|never| match never {})
}

//! The task that renews a lock while its body runs.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use forwith::CancelToken;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::claim::Renewer;
use crate::deferred::Deferred;

/// A lock that is renewed until this is dropped or the lock is lost, by a task that begins with the
/// first renewal.
pub(super) struct Renewal {
    shared: Arc<Shared>,
    task: Option<Deferred>,
}

struct Shared {
    /// Cancelled when the lock is lost.
    lost: CancelToken,
    /// From then on others may have the lock, for all that we know.
    ends: Mutex<Instant>,
}

impl Shared {
    fn ends(&self) -> Instant {
        *self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_ends(&self, ends: Instant) {
        *self.ends.lock().unwrap_or_else(PoisonError::into_inner) = ends;
    }
}

impl Renewal {
    /// Begins to renew a lock for which was asked at this time.
    pub(super) fn begin(renewer: Renewer, asked: Instant) -> Renewal {
        let lease = renewer.lease();
        let shared = Arc::new(Shared {
            lost: CancelToken::new(),
            ends: Mutex::new(end_of(asked, lease)),
        });
        let first = asked + lease / 3;
        let of_task = shared.clone();
        let task = Deferred::at(first, move || renew(renewer, of_task, asked));
        Renewal {
            shared,
            task: Some(task),
        }
    }

    pub(super) fn lost(&self) -> &CancelToken {
        &self.shared.lost
    }

    pub(super) fn is_lost(&self) -> bool {
        // The task may not have had its turn.
        self.shared.lost.is_cancelled() || Instant::now() >= self.shared.ends()
    }

    /// Stops, and awaits that.
    pub(super) async fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.stop().await;
        }
    }
}

/// The time from which on a lock counts as lost. The server began the lease after it was asked, so
/// a tenth of it remains for the body to stop.
fn end_of(asked: Instant, lease: Duration) -> Instant {
    asked + lease / 10 * 9
}

/// Renews the lock at each third of its lease, and more often while that fails.
async fn renew(mut renewer: Renewer, shared: Arc<Shared>, asked: Instant) {
    let lease = renewer.lease();
    let mut next = asked + lease / 3;
    loop {
        let ends = shared.ends();
        sleep_until(next.min(ends)).await;
        let asked = Instant::now();
        if asked >= ends {
            break;
        }
        let patience = ends.min(asked + lease / 3);
        next = match timeout_at(patience, renewer.renew()).await {
            Ok(Ok(true)) => {
                shared.set_ends(end_of(asked, lease));
                asked + lease / 3
            }
            Ok(Ok(false)) => break,
            Ok(Err(_)) => asked + lease / 10,
            Err(_) => {
                renewer.give_up();
                asked + lease / 3
            }
        };
    }
    shared.lost.cancel();
}

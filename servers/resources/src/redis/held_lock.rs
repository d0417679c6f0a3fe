//! A lock that is held, and renewed.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use forwith::{CancelToken, OwnedExit, OwnedOutcome};
use redis::{RedisError, RedisResult, make_extension_error};
use tokio::time::Instant;

use super::claim::Claim;
use super::line::within;
use super::renewal::Renewal;

/// The code of the error of a lock that was lost.
const LOST: &str = "LOCKLOST";

/// Whether an error says that a lock was lost while its body ran. Then somebody else may have had
/// it.
///
/// It looks into an error of another type, too: `is_lock_lost(&*error)` for a boxed one.
#[must_use]
pub fn is_lock_lost(error: &(dyn Error + 'static)) -> bool {
    let of_redis = |error: &RedisError| error.code() == Some(LOST);
    error.downcast_ref().is_some_and(of_redis) || error.source().is_some_and(is_lock_lost)
}

/// A lock, which a task renews.
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`lock`](super::lock).
///
/// | the body | the exit |
/// |---|---|
/// | completes | releases the lock; an error if it was lost |
/// | fails or panics | releases it |
/// | is cancelled in a scope | releases it in place, within a time limit |
/// | is stopped, because the lock is lost | gives the error of the block |
/// | is dropped | releases it in the [reaper](forwith::reaper) |
///
/// The exit stops the renewal, and then deletes the key if it still has our token. Both are
/// awaited. Without a reaper the release is queued on a shared connection; on a connection of its
/// own, the lock ends by its lease.
///
/// # When the lock is lost
///
/// It is lost when the server says so at a renewal: the key was deleted or has got another token,
/// or the server has forgotten it. It counts as lost, too, when the server could not be reached
/// for nine tenths of the lease. Then the body is cancelled, as by a [`scope`](forwith::scope), and
/// the value of the block is an error for which [`is_lock_lost`] is true.
///
/// A body that does not await, or whose thread is blocked, is not stopped. What it writes then may
/// come late, behind what the next holder writes. Let the receiver refuse a
/// [fencing](HeldLock::fencing) number that is less than one it has seen.
///
/// # Errors
///
/// The exit fails if the lock was lost, and if the server does not answer: then the lock ends by
/// its lease.
pub struct HeldLock {
    // Dropped before the claim, which may release.
    renewal: Renewal,
    claim: Claim,
    fencing: u64,
    limit: Duration,
    stops_body: bool,
}

impl HeldLock {
    /// A lock that was granted. The lease began after `asked`.
    pub(super) fn new(claim: Claim, fencing: u64, asked: Instant, limit: Duration) -> HeldLock {
        HeldLock {
            renewal: Renewal::begin(claim.renewer(), asked),
            claim,
            fencing,
            limit,
            stops_body: true,
        }
    }

    pub(super) fn with_stop(mut self, stops_body: bool) -> Self {
        self.stops_body = stops_body;
        self
    }

    /// The number of this lock. It is greater than that of each holder before, as long as the
    /// server keeps the key in which they are counted.
    #[must_use]
    pub fn fencing(&self) -> u64 {
        self.fencing
    }

    /// The token, which is the value of the key while this lock is held. A script can compare it.
    #[must_use]
    pub fn token(&self) -> &str {
        self.claim.token()
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        self.claim.key()
    }

    /// Whether the lock is lost, so that somebody else may have it. It looks at the clock, and asks
    /// nobody.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.renewal.is_lost()
    }

    /// Waits until the lock is lost. It borrows nothing: tasks of the body can be cancelled by it.
    ///
    /// ```no_run
    /// use forwith::{async_with, scope};
    /// use forwith_resources::redis::lock;
    ///
    /// # async fn write_a_chapter() {}
    /// async fn write(client: &redis::Client) -> redis::RedisResult<()> {
    ///     async_with!(lock(client, "book").body_goes_on() as lock, {
    ///         let written = scope(write_a_chapter(), lock.lost()).await;
    ///         if written.is_err() {
    ///             println!("somebody else may write by now");
    ///         }
    ///     })
    /// }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when it is dropped.
    pub fn lost(&self) -> impl Future<Output = ()> + Send + 'static + use<> {
        self.renewal.lost().cancelled()
    }

    /// Gives the lock back, and says whether it was ours until then.
    async fn release(&mut self) -> RedisResult<bool> {
        match self.claim.release().await {
            // The connection has broken. A client opens another one, and some connections do, too.
            Err(error) if error.is_connection_dropped() => {
                let was_ours = !self.is_lost();
                // The first release may have arrived: then this one finds nothing.
                Ok(self.claim.release().await? || was_ours)
            }
            released => released,
        }
    }
}

fn lost(detail: &str) -> RedisError {
    make_extension_error(LOST.into(), Some(detail.into()))
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldLock {
    type Error = RedisError;

    async fn exit_owned(mut self, outcome: OwnedOutcome) -> Result<(), RedisError> {
        self.renewal.stop().await;
        let released = within(self.limit, self.release()).await;
        let was_stopped = self.renewal.lost().is_cancelled() && !outcome.is_completed();
        match released {
            Ok(true) if !was_stopped => Ok(()),
            Ok(_) => Err(lost("the lock was lost while the body ran")),
            Err(error) if self.is_lost() => {
                let detail = format!("the lock was lost while the body ran: {error}");
                Err(lost(&detail))
            }
            Err(error) => Err(error),
        }
    }

    fn body_stop(&self) -> Option<CancelToken> {
        self.stops_body.then(|| self.renewal.lost().clone())
    }
}

impl fmt::Debug for HeldLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldLock")
            .field("key", &String::from_utf8_lossy(self.key()))
            .field("fencing", &self.fencing)
            .field("is_lost", &self.is_lost())
            .finish_non_exhaustive()
    }
}

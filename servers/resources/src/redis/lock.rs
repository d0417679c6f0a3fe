//! An enter of a lock.

use std::fmt;
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, AsyncEnterExt, OwnedExit, OwnedOutcome};
use redis::{RedisError, RedisResult, ToSingleRedisArg};
use tokio::time::{Instant, sleep};

use super::claim::{Claim, random};
use super::held_lock::HeldLock;
use super::line::{Connect, LIMIT, timed_out, within};

/// Takes a lock that only one can have, and waits until it is free.
///
/// The lock is a key with a random token and a lease. While the body runs, a task renews it. The
/// body gets a [`HeldLock`].
///
/// With a client the lock has a connection of its own, which is opened anew when it breaks. A
/// connection that is given is cloned, and commands of others on it delay the renewal: do not give
/// one on which others block.
///
/// # The key of the fencing numbers
///
/// Each lock gets a number that is greater than all before it ([`HeldLock::fencing`]). They are
/// counted in a key beside, which stays: `{jobs}:fencing` for the lock `jobs`, and
/// `{jobs}:night:fencing` for `{jobs}:night`. So the two are in one slot of a cluster. A key with
/// braces that are no hash tag, such as `a}b`, can be locked on a server without a cluster only.
///
/// # Errors
///
/// Those of the connection. A lock that may have been granted all the same is released before.
///
/// # Cancel safety
///
/// It may be cancelled or dropped while it waits, and nothing is held. A command that is on its way
/// is awaited by a scope, and goes on in the [reaper](forwith::reaper) when the future is dropped;
/// then the lock is released. Without a reaper a release is queued on a shared connection. On a
/// connection of its own, the lock ends by its lease.
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::redis::lock;
///
/// async fn send_letters(client: &redis::Client) -> redis::RedisResult<()> {
///     async_with!(lock(client, "letters") as lock, {
///         println!("nobody else sends letters, {}", lock.fencing());
///     })
/// }
/// ```
pub fn lock<M>(on: &impl Connect<M>, key: impl ToSingleRedisArg) -> TakeLock {
    // It is a single one.
    let key = key.to_redis_args().into_iter().next().unwrap_or_default();
    TakeLock {
        claim: Claim::new(on.line(), key, Duration::from_secs(10)),
        wait_limit: None,
        interval: Duration::from_millis(50),
        limit: LIMIT,
        stops_body: true,
    }
}

/// An enter of a lock, from [`lock`].
#[derive(Clone)]
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct TakeLock {
    claim: Claim,
    wait_limit: Option<Duration>,
    interval: Duration,
    limit: Duration,
    stops_body: bool,
}

impl TakeLock {
    /// Sets how long the server keeps the lock when it does not hear from us; otherwise that is 10
    /// seconds. The lock is renewed at each third of it.
    ///
    /// So long may others have to wait for a holder whose process has died, and so long may a
    /// thread be blocked before its lock is lost.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.claim.set_lease(lease);
        self
    }

    /// Bounds the wait for a lock that somebody else has; otherwise there is no bound. When the
    /// time is over the enter fails, with an error of which
    /// [`is_timeout`](redis::RedisError::is_timeout) is true.
    pub fn wait_limit(mut self, limit: Duration) -> Self {
        self.wait_limit = Some(limit);
        self
    }

    /// Sets how often a lock that somebody else has is asked for; otherwise that is every 50
    /// milliseconds. Those who wait have no order.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Bounds the exit; otherwise that is 5 seconds. When the time is over, the lock ends by its
    /// lease. It bounds each command of the enter, too.
    pub fn release_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Lets the body go on when the lock is lost; otherwise it is cancelled. The body then has to
    /// look at [`HeldLock::is_lost`], or to await [`HeldLock::lost`].
    pub fn body_goes_on(mut self) -> Self {
        self.stops_body = false;
        self
    }

    /// Takes the lock only if it is free. The body gets an `Option` of a [`HeldLock`].
    ///
    /// ```no_run
    /// use forwith::async_with;
    /// use forwith_resources::redis::lock;
    ///
    /// async fn clean_up(client: &redis::Client) -> redis::RedisResult<()> {
    ///     async_with!(lock(client, "clean-up").try_lock() as lock, {
    ///         if lock.is_some() {
    ///             println!("nobody else is at it");
    ///         }
    ///     })
    /// }
    /// ```
    pub fn try_lock(self) -> TryLock {
        TryLock(self)
    }

    /// Asks for the lock once. A drop midway queues a release.
    async fn attempt(mut self) -> RedisResult<Asked> {
        let mut is_second = false;
        loop {
            let asked = Instant::now();
            // An answer behind the lease is worth nothing.
            let limit = self.limit.min(self.claim.lease());
            let error = match within(limit, self.claim.take()).await {
                Ok(Some(fencing)) => {
                    let lock = HeldLock::new(self.claim, fencing, asked, self.limit);
                    return Ok(Asked::Granted(lock.with_stop(self.stops_body)));
                }
                Ok(None) => return Ok(Asked::Taken(self)),
                Err(error) => error,
            };
            // The error of the enter is the one that counts.
            let released = within(self.limit, self.claim.release()).await;
            // A connection of a manager breaks while nobody uses it, and the next one is there.
            if is_second || released.is_err() || !error.is_connection_dropped() {
                return Err(error);
            }
            is_second = true;
        }
    }

    /// Asks for the lock until it is free.
    async fn take<F>(mut self, attempt: impl Fn(TakeLock) -> F) -> RedisResult<HeldLock>
    where
        F: Future<Output = RedisResult<Asked>>,
    {
        self.claim.open().await?;
        let limit = self.wait_limit;
        let until = limit.and_then(|limit| Instant::now().checked_add(limit));
        loop {
            match attempt(self).await? {
                Asked::Granted(lock) => return Ok(lock),
                Asked::Taken(again) => self = again,
            }
            let mut pause = self.pause();
            if let Some(until) = until {
                let rest = until.saturating_duration_since(Instant::now());
                if rest.is_zero() {
                    let limit = limit.unwrap_or_default();
                    let message = format!("somebody else has had the lock for {limit:?}");
                    return Err(timed_out(message));
                }
                pause = pause.min(rest);
            }
            sleep(pause).await;
        }
    }

    /// Half to the whole of the interval, so that those who wait do not ask in step.
    fn pause(&self) -> Duration {
        let half = self.interval / 2;
        let part = random() % 1000;
        half + half * u32::try_from(part).unwrap_or(0) / 1000
    }
}

/// What a question for a lock has given.
enum Asked {
    Granted(HeldLock),
    /// Somebody else has it. This can ask again.
    Taken(TakeLock),
}

impl Asked {
    fn granted(self) -> Option<HeldLock> {
        match self {
            Asked::Granted(lock) => Some(lock),
            Asked::Taken(_) => None,
        }
    }
}

/// The exit of an answer that nobody has waited for.
impl OwnedExit for Asked {
    type Error = RedisError;

    async fn exit_owned(self, outcome: OwnedOutcome) -> RedisResult<()> {
        match self {
            Asked::Granted(lock) => lock.exit_owned(outcome).await,
            Asked::Taken(_) => Ok(()),
        }
    }
}

/// Asks once. The command that is on its way outlives a drop.
async fn attempt_outliving(lock: TakeLock) -> RedisResult<Asked> {
    lock.attempt().outliving().enter().await
}

#[diagnostic::do_not_recommend]
impl AsyncEnter for TakeLock {
    type Resource = HeldLock;

    fn enter(self) -> impl Future<Output = RedisResult<HeldLock>> {
        self.take(attempt_outliving)
    }
}

#[diagnostic::do_not_recommend]
impl OwnedEnter for TakeLock {
    fn enter_owned(self) -> impl Future<Output = RedisResult<HeldLock>> + Send + 'static {
        self.take(TakeLock::attempt)
    }
}

/// An enter of a lock that is taken only if it is free, from [`TakeLock::try_lock`].
#[derive(Clone)]
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct TryLock(TakeLock);

#[diagnostic::do_not_recommend]
impl AsyncEnter for TryLock {
    type Resource = Option<HeldLock>;

    async fn enter(mut self) -> RedisResult<Option<HeldLock>> {
        self.0.claim.open().await?;
        Ok(attempt_outliving(self.0).await?.granted())
    }
}

#[diagnostic::do_not_recommend]
impl OwnedEnter for TryLock {
    fn enter_owned(self) -> impl Future<Output = RedisResult<Option<HeldLock>>> + Send + 'static {
        let attempt = self.0.attempt();
        async { Ok(attempt.await?.granted()) }
    }
}

impl fmt::Debug for TakeLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TakeLock")
            .field("key", &String::from_utf8_lossy(self.claim.key()))
            .field("lease", &self.claim.lease())
            .field("wait_limit", &self.wait_limit)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for TryLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TryLock").field(&self.0).finish()
    }
}

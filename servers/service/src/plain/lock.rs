//! A lock in Redis.

use std::time::Duration;

use redis::aio::ConnectionManager;
use redis::{ExistenceCheck, RedisResult, SetExpiry, SetOptions};
use tokio::time::sleep;

/// How long nobody renews the lock until it is free, as long as that of the service with forwith.
const LEASE: Duration = Duration::from_secs(10);

/// Deletes the key if it has our token.
const RELEASE: &str = "
    if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
    return 0";

/// A lock that is held until it is released, or until its lease is over.
pub struct Lock {
    redis: ConnectionManager,
    key: String,
    token: String,
}

impl Lock {
    /// Takes the lock, and waits until it is free.
    pub async fn take(redis: &ConnectionManager, key: String) -> RedisResult<Lock> {
        loop {
            if let Some(lock) = Lock::try_take(redis, &key).await? {
                return Ok(lock);
            }
            sleep(Duration::from_millis(fastrand::u64(25..50))).await;
        }
    }

    /// Takes the lock if it is free.
    pub async fn try_take(redis: &ConnectionManager, key: &str) -> RedisResult<Option<Lock>> {
        let mut redis = redis.clone();
        let token = format!("{:032x}", fastrand::u128(..));
        let lease = u64::try_from(LEASE.as_millis()).unwrap_or(u64::MAX);
        let options = SetOptions::default()
            .conditional_set(ExistenceCheck::NX)
            .with_expiration(SetExpiry::PX(lease));
        let mut set = redis::cmd("SET");
        set.arg(key).arg(&token).arg(options);
        let answer: Option<String> = set.query_async(&mut redis).await?;
        let key = key.to_owned();
        Ok(answer.map(|_| Lock { redis, key, token }))
    }

    /// Gives the lock back.
    pub async fn release(mut self) -> RedisResult<()> {
        let mut script = redis::cmd("EVAL");
        script.arg(RELEASE).arg(1).arg(self.key).arg(self.token);
        script.exec_async(&mut self.redis).await
    }
}

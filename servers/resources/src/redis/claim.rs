//! A lock as the server knows it: a key, and in it the token of its holder.

use std::array;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use redis::{Cmd, RedisResult};

use super::line::Line;

/// Takes the lock if it is free, and gives the next fencing number, or else 0.
const TAKE: &str = "\
    if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then \
      return redis.call('INCR', KEYS[2]) \
    end \
    return 0";

/// Begins the lease anew, if the lock is still ours.
const RENEW: &str = "\
    if redis.call('GET', KEYS[1]) == ARGV[1] then \
      return redis.call('PEXPIRE', KEYS[1], ARGV[2]) \
    end \
    return 0";

/// Deletes the lock, if it is still ours.
const RELEASE: &str = "\
    if redis.call('GET', KEYS[1]) == ARGV[1] then \
      return redis.call('DEL', KEYS[1]) \
    end \
    return 0";

/// A lock that we ask for, and may hold. When it is dropped, a release is queued, unless it is
/// known that we do not hold it.
#[derive(Clone)]
pub(super) struct Claim {
    /// Shared with the renewer until that sends something itself. Each then has a copy of its own,
    /// since a line takes one command at a time.
    name: Arc<Name>,
    is_settled: bool,
}

/// What the scripts are told, and where they are sent.
#[derive(Clone)]
struct Name {
    line: Line,
    key: Vec<u8>,
    token: [u8; 32],
    lease: Duration,
}

impl Claim {
    /// A claim that nothing has been asked for yet.
    pub(super) fn new(line: Line, key: Vec<u8>, lease: Duration) -> Claim {
        let token = [b'0'; 32]; // until the first question
        let name = Name {
            line,
            key,
            token,
            lease,
        };
        Claim {
            name: Arc::new(name),
            is_settled: true,
        }
    }

    pub(super) fn key(&self) -> &[u8] {
        &self.name.key
    }

    pub(super) fn token(&self) -> &str {
        str::from_utf8(&self.name.token).unwrap_or_default()
    }

    pub(super) fn lease(&self) -> Duration {
        self.name.lease
    }

    pub(super) fn set_lease(&mut self, lease: Duration) {
        Arc::make_mut(&mut self.name).lease = lease;
    }

    /// Opens a connection of its own, so that clones share it.
    pub(super) async fn open(&mut self) -> RedisResult<()> {
        Arc::make_mut(&mut self.name).line.open().await
    }

    /// Takes the lock with a new token, and gives the fencing number, unless somebody else has the
    /// lock.
    pub(super) async fn take(&mut self) -> RedisResult<Option<u64>> {
        let name = Arc::make_mut(&mut self.name);
        name.token = new_token();
        let take = name.script(TAKE, &[&counter_of(&name.key)], true);
        self.is_settled = false;
        let fencing = name.line.ask(&take).await?;
        self.is_settled = fencing == 0;
        Ok(Some(fencing).filter(|&fencing| fencing > 0))
    }

    /// Gives the lock back, and says whether it was still ours.
    pub(super) async fn release(&mut self) -> RedisResult<bool> {
        let name = Arc::make_mut(&mut self.name);
        let release = name.script(RELEASE, &[], false);
        let was_ours = name.line.ask(&release).await?;
        self.is_settled = true;
        Ok(was_ours)
    }

    /// What renews the lock.
    pub(super) fn renewer(&self) -> Renewer {
        Renewer {
            name: self.name.clone(),
        }
    }
}

impl Name {
    fn script(&self, script: &str, more_keys: &[&[u8]], has_lease: bool) -> Cmd {
        // Room for the arguments, and for all of them as text, so that neither has to grow.
        let text = script.len() + 2 * self.key.len() + self.token.len() + 64;
        let mut eval = Cmd::with_capacity(7, text);
        eval.arg("EVAL").arg(script).arg(1 + more_keys.len());
        eval.arg(&self.key).arg(more_keys).arg(&self.token[..]);
        if has_lease {
            // The server refuses 0.
            let millis = u64::try_from(self.lease.as_millis()).unwrap_or(u64::MAX);
            eval.arg(millis.max(1));
        }
        eval
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.is_settled {
            let name = Arc::make_mut(&mut self.name);
            let release = name.script(RELEASE, &[], false);
            name.line.send_unheard(release);
        }
    }
}

/// Renews a lock.
pub(super) struct Renewer {
    name: Arc<Name>,
}

impl Renewer {
    pub(super) fn lease(&self) -> Duration {
        self.name.lease
    }

    /// Renews the lock, and says whether it was still ours.
    pub(super) async fn renew(&mut self) -> RedisResult<bool> {
        let name = Arc::make_mut(&mut self.name);
        let renew = name.script(RENEW, &[], true);
        name.line.ask(&renew).await
    }

    /// Asks on a new connection the next time, where that can be had.
    pub(super) fn give_up(&mut self) {
        Arc::make_mut(&mut self.name).line.give_up();
    }
}

/// The key of the fencing numbers, in the same slot of a cluster.
fn counter_of(key: &[u8]) -> Vec<u8> {
    if has_tag(key) {
        [key, b":fencing"].concat()
    } else {
        [b"{", key, b"}:fencing"].concat()
    }
}

/// Whether a cluster hashes only a part of the key: what is between the first `{` and the `}`
/// behind it, if that is anything.
fn has_tag(key: &[u8]) -> bool {
    let tag = key.iter().position(|&byte| byte == b'{');
    let tag = tag.map(|open| &key[open + 1..]);
    tag.is_some_and(|tag| tag.contains(&b'}') && tag[0] != b'}')
}

/// A token that nobody else has: of two hashes with random keys.
fn new_token() -> [u8; 32] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let bytes = [random(), random()].map(u64::to_be_bytes);
    let bytes = bytes.as_flattened();
    // By hand it takes half the time of `format!`.
    array::from_fn(|place| {
        let byte = bytes[place / 2];
        let half = if place % 2 == 0 { byte >> 4 } else { byte & 15 };
        DIGITS[usize::from(half)]
    })
}

/// A number that others can hardly guess, and need not.
pub(super) fn random() -> u64 {
    // Each state has a key of its own.
    RandomState::new().hash_one(())
}

#[cfg(test)]
mod tests {
    use super::{counter_of, new_token};

    #[test]
    fn counter_is_in_the_slot_of_its_key() {
        for (key, counter) in [
            ("jobs", "{jobs}:fencing"),
            ("{jobs}:night", "{jobs}:night:fencing"),
            ("a{b", "{a{b}:fencing"),
            ("", "{}:fencing"),
        ] {
            assert_eq!(counter_of(key.as_bytes()), counter.as_bytes());
        }
    }

    #[test]
    fn tokens_differ() {
        let tokens: std::collections::HashSet<_> = (0..100).map(|_| new_token()).collect();
        assert_eq!(tokens.len(), 100);
        assert!(tokens.iter().all(|token| token.len() == 32));
    }
}

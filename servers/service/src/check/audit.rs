//! Questions to the servers, when the clients have gone.

use std::collections::HashSet;
use std::ops::AddAssign;
use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use redis::aio::MultiplexedConnection;
use sqlx::{Connection, PgConnection, query_scalar, raw_sql};
use tokio::time::sleep;

use super::archive::CREATE;
use super::servers::Servers;
use super::told::{Told, hash};
use crate::bank::{ACCOUNTS, Error, HISTORY};
use crate::load::Asked;

/// How long what is in flight may take to end. A lease is longer.
const REST_LIMIT: Duration = Duration::from_secs(3);

/// The entries that clients have made.
const KEYS: &str = "
    SELECT key FROM ledger WHERE entry > $1 UNION ALL SELECT key FROM archive";

/// Connections to ask on.
pub struct Audit {
    postgres: PgConnection,
    redis: MultiplexedConnection,
}

/// What is still held when the clients have gone.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Held {
    /// Locks that nobody has released: their lease has ended them, or will.
    pub locks: usize,
    /// Sessions that are in a transaction, and do nothing.
    pub transactions: usize,
}

/// What the ledger says of the answers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Books {
    /// The number of new entries.
    pub entries: usize,
    /// Clients that were told of an entry that is not there.
    pub missing: usize,
    /// Clients that were refused, and whose entry is there.
    pub unwanted: usize,
    /// How much there is more, or less, than at the beginning.
    pub cents: i64,
}

impl Audit {
    /// Connects to both servers.
    ///
    /// # Errors
    ///
    /// One of them cannot be reached.
    pub async fn connect(servers: &Servers) -> Result<Self, Error> {
        let [postgres, redis] = servers.direct_urls();
        let client = redis::Client::open(redis)?;
        Ok(Audit {
            postgres: PgConnection::connect(&postgres).await?,
            redis: client.get_multiplexed_async_connection().await?,
        })
    }

    /// Waits until nothing is held, for a while, and gives what is.
    ///
    /// # Errors
    ///
    /// Those of the servers.
    pub async fn rest(&mut self) -> Result<Held, Error> {
        let begun = Instant::now();
        loop {
            let held = Held {
                locks: self.locks().await?,
                transactions: self.idle_in_transaction().await?,
            };
            if held == Held::default() || begun.elapsed() > REST_LIMIT {
                let locks = held.locks + self.expired().await?;
                return Ok(Held { locks, ..held });
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    async fn locks(&mut self) -> Result<usize, Error> {
        let mut keys = redis::cmd("KEYS");
        let keys: Vec<String> = keys.arg("*").query_async(&mut self.redis).await?;
        // The numbers of the locks stay.
        Ok(keys.iter().filter(|key| !key.contains("fencing")).count())
    }

    /// The number of locks that have ended by their lease.
    async fn expired(&mut self) -> Result<usize, Error> {
        let mut info = redis::cmd("INFO");
        let info: String = info.arg("stats").query_async(&mut self.redis).await?;
        let expired = info
            .lines()
            .find_map(|line| line.strip_prefix("expired_keys:"));
        Ok(expired
            .and_then(|number| number.trim().parse().ok())
            .expect("a number"))
    }

    async fn idle_in_transaction(&mut self) -> Result<usize, Error> {
        let idle = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'";
        let idle: i64 = query_scalar(idle).fetch_one(&mut self.postgres).await?;
        Ok(usize::try_from(idle).expect("a count"))
    }

    /// Compares the ledger with what the clients were told.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn books(&mut self, all: &[Asked]) -> Result<Books, Error> {
        self.compare(&all.iter().collect()).await
    }

    /// Compares the ledger with what the clients of a long run were told.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn compare(&mut self, told: &Told) -> Result<Books, Error> {
        raw_sql(CREATE).execute(&mut self.postgres).await?;
        let mut keys = HashSet::new();
        let mut rows = query_scalar(KEYS).bind(HISTORY).fetch(&mut self.postgres);
        while let Some(key) = rows.try_next().await? {
            let key: String = key;
            keys.insert(hash(&key));
        }
        drop(rows);
        let sum = query_scalar("SELECT sum(cents)::bigint FROM accounts");
        let sum: i64 = sum.fetch_one(&mut self.postgres).await?;
        let count = |told: &[u64], is_there| {
            let is_so = |key: &&u64| keys.contains(key) == is_there;
            told.iter().filter(is_so).count()
        };
        Ok(Books {
            entries: keys.len(),
            missing: count(&told.booked, false),
            unwanted: count(&told.refused, true),
            cents: sum - 1_000_000 * ACCOUNTS,
        })
    }
}

impl AddAssign for Held {
    fn add_assign(&mut self, more: Held) {
        self.locks += more.locks;
        self.transactions += more.transactions;
    }
}

impl Books {
    /// Whether everybody was told the truth, and no money has come or gone.
    #[must_use]
    pub fn is_true(&self) -> bool {
        (self.missing, self.unwanted, self.cents) == (0, 0, 0)
    }
}

impl AddAssign for Books {
    fn add_assign(&mut self, more: Books) {
        self.entries += more.entries;
        self.missing += more.missing;
        self.unwanted += more.unwanted;
        self.cents += more.cents;
    }
}

//! Questions to the servers, when the clients have gone.

use std::collections::HashSet;
use std::ops::AddAssign;
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use sqlx::{Connection, PgConnection, query_scalar};
use tokio::time::sleep;

use super::servers::Servers;
use crate::bank::{ACCOUNTS, Error, HISTORY};
use crate::load::{Ask, Asked, End};

/// How long what is in flight may take to end. A lease is longer.
const REST_LIMIT: Duration = Duration::from_secs(3);

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
        let keys = query_scalar("SELECT key FROM ledger WHERE entry > $1").bind(HISTORY);
        let keys: HashSet<String> = keys
            .fetch_all(&mut self.postgres)
            .await?
            .into_iter()
            .collect();
        let sum = query_scalar("SELECT sum(cents)::bigint FROM accounts");
        let sum: i64 = sum.fetch_one(&mut self.postgres).await?;
        let count = |end, is_there| {
            let is_so = |asked: &&Asked| match &asked.ask {
                Ask::Transfer(order) => asked.end == end && keys.contains(&order.key) == is_there,
                _ => false,
            };
            all.iter().filter(is_so).count()
        };
        Ok(Books {
            entries: keys.len(),
            missing: count(End::Status(200), false),
            unwanted: count(End::Status(409), true),
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

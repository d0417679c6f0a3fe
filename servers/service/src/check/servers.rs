//! The two servers of a run.

use std::fs;
use std::path::PathBuf;

use forwith_testing::{Server, StartError, Way, try_postgres, try_redis};

use super::transactions::{LINE_PREFIX, Transactions};

/// PostgreSQL and Redis, each behind a way that can be cut.
pub struct Servers {
    /// PostgreSQL.
    pub postgres: Server,
    /// Redis.
    pub redis: Server,
    /// The way to PostgreSQL, if there is one.
    ways: Option<[Way; 2]>,
}

impl Servers {
    /// Starts both. PostgreSQL writes down each statement, if that is asked for.
    ///
    /// # Errors
    ///
    /// One of them is not installed, or does not come up.
    pub fn start(writes_down: bool) -> Result<Self, StartError> {
        let options = if writes_down {
            format!(
                "-c log_min_messages=warning -c log_statement=all -c log_disconnections=on \
                 -c log_line_prefix='{LINE_PREFIX}'"
            )
        } else {
            String::new()
        };
        Ok(Servers {
            postgres: try_postgres(&options)?,
            redis: try_redis("")?,
            ways: None,
        })
    }

    /// Puts ways before the servers, which can be cut.
    #[must_use]
    pub fn behind_ways(mut self) -> Self {
        self.ways = Some([&self.postgres, &self.redis].map(|server| Way::to(server.port)));
        self
    }

    /// The ways, if there are any.
    #[must_use]
    pub fn ways(&self) -> &[Way] {
        self.ways.as_ref().map_or(&[], |ways| ways)
    }

    /// Where the service finds the servers: the URLs of PostgreSQL and Redis.
    #[must_use]
    pub fn urls(&self) -> [String; 2] {
        let ports = match &self.ways {
            Some(ways) => ways.each_ref().map(|way| way.port),
            None => [self.postgres.port, self.redis.port],
        };
        [postgres_url(ports[0]), redis_url(ports[1])]
    }

    /// Where checks find them, whatever is cut.
    #[must_use]
    pub fn direct_urls(&self) -> [String; 2] {
        [postgres_url(self.postgres.port), redis_url(self.redis.port)]
    }

    /// A folder that ends with the servers.
    #[must_use]
    pub fn dir(&self) -> PathBuf {
        self.redis.dir.join("service")
    }

    /// Reads what became of the transactions, when all sessions have ended.
    ///
    /// # Panics
    ///
    /// Panics if the log cannot be read.
    #[must_use]
    pub fn transactions(&self) -> Transactions {
        let log = fs::read(self.postgres.dir.join("log")).expect("PostgreSQL has a log");
        Transactions::read(&String::from_utf8_lossy(&log))
    }
}

fn postgres_url(port: u16) -> String {
    format!("postgres://test@127.0.0.1:{port}/postgres")
}

fn redis_url(port: u16) -> String {
    format!("redis://127.0.0.1:{port}")
}

//! How both services begin and end.

use std::io::{self, Read};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::{fmt, process, thread};

use redis::RedisResult;
use redis::aio::ConnectionManager;
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, PgConnection, PgPool};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::bank::{Bank, Error, set_up};

/// Where the servers are, and where to listen.
#[derive(Clone, Debug)]
pub struct Start {
    /// The URL of PostgreSQL.
    pub database: String,
    /// The URL of Redis.
    pub redis: String,
    /// The folder of the statements.
    pub dir: PathBuf,
    /// A port, or 0 for any that is free.
    pub port: u16,
    /// Whether another program has started it, and it ends with that.
    pub ends_with_stdin: bool,
}

/// How a service has ended, which it prints as its last line.
#[derive(Debug, Default, Deserialize, Serialize)]
pub struct Ended {
    /// The number of exits that were lost or cut. Without forwith nobody counts them.
    pub lost: Option<usize>,
    /// What the shutdown has not brought to its end.
    pub left: Option<String>,
}

impl Start {
    /// Looks whether both servers are there, and creates the tables. A pool would try again and
    /// again where nobody answers.
    ///
    /// # Errors
    ///
    /// A sentence that says which of them does not do what is asked of it.
    pub async fn prepare(&self) -> Result<(), String> {
        let tables = async {
            let mut conn = PgConnection::connect(&self.database).await?;
            set_up(&mut conn).await?;
            conn.close().await
        };
        let wrong = |name: &str, variable: &str, error: &dyn fmt::Display| {
            format!("{name} at ${variable} is of no use: {error}")
        };
        let tables: Result<(), sqlx::Error> = tables.await;
        tables.map_err(|error| wrong("PostgreSQL", "DATABASE_URL", &error))?;
        let ping = async {
            let client = redis::Client::open(self.redis.as_str())?;
            let mut conn = client.get_multiplexed_async_connection().await?;
            redis::cmd("PING").exec_async(&mut conn).await
        };
        let ping: RedisResult<()> = ping.await;
        ping.map_err(|error| wrong("Redis", "REDIS_URL", &error))
    }

    /// Opens the pool.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn connect(&self) -> Result<PgPool, sqlx::Error> {
        let options = PgPoolOptions::new().max_connections(20);
        options.connect(&self.database).await
    }

    /// Opens the rest.
    ///
    /// # Errors
    ///
    /// Redis is not there, or the folder cannot be created.
    pub async fn open_bank(&self, pool: PgPool) -> Result<Bank, Error> {
        tokio::fs::create_dir_all(&self.dir).await?;
        let client = redis::Client::open(self.redis.as_str())?;
        Ok(Bank {
            pool,
            redis: ConnectionManager::new(client).await?,
            dir: self.dir.clone(),
        })
    }

    /// Listens, and says where.
    ///
    /// # Errors
    ///
    /// The port is not free.
    pub async fn listen(&self) -> io::Result<TcpListener> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await?;
        println!("listening on {}", listener.local_addr()?);
        Ok(listener)
    }
}

/// Listens to Ctrl-C and SIGTERM from now on, and waits for one of them.
///
/// # Panics
///
/// Panics outside of tokio.
pub fn stopped() -> impl Future<Output = ()> + Send {
    let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
    let [mut interrupt, mut terminate] =
        kinds.map(|kind| signal(kind).expect("signals can be heard"));
    async move {
        tokio::select! {
            _ = interrupt.recv() => (),
            _ = terminate.recv() => (),
        }
    }
}

/// Ends the program when its standard input does, which is open as long as the program that has
/// started it.
pub fn end_with_stdin() {
    // No thread of tokio: the runtime would wait for its read.
    thread::spawn(|| {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        process::exit(1);
    });
}

//! How both services begin and end.

use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use redis::aio::ConnectionManager;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
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
    /// Opens the pool, and the tables in it.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn connect(&self) -> Result<PgPool, sqlx::Error> {
        let options = PgPoolOptions::new().max_connections(20);
        let pool = options.connect(&self.database).await?;
        set_up(&mut *pool.acquire().await?).await?;
        Ok(pool)
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

    /// Waits for Ctrl-C or SIGTERM.
    pub async fn until_stopped(&self) {
        stopped().await;
    }
}

/// Waits for Ctrl-C or SIGTERM.
///
/// # Panics
///
/// Panics outside of tokio.
pub async fn stopped() {
    let mut terminate = signal(SignalKind::terminate()).expect("signals can be heard");
    tokio::select! {
        _ = terminate.recv() => (),
        _ = tokio::signal::ctrl_c() => (),
    }
}

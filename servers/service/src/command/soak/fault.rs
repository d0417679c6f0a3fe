//! What is done to the servers.

use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use fastrand::Rng;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::disk::Disk;
use crate::check::Servers;

/// A fault, and how long it takes.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// What is done.
    pub kind: Kind,
    time: Duration,
}

/// What is done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A server is killed, and started again behind the time.
    Restart(Which),
    /// All connections to a server are cut.
    Cut(Which),
    /// Nothing gets to a server or comes from it, for the time.
    Hold(Which),
    /// The disk is full, for the time.
    DiskFull,
}

/// A server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Which {
    /// PostgreSQL.
    Postgres,
    /// Redis.
    Redis,
}

/// All that can be done. The disk comes last, since it may be missing.
pub const KINDS: [Kind; 7] = [
    Kind::Restart(Which::Postgres),
    Kind::Restart(Which::Redis),
    Kind::Cut(Which::Postgres),
    Kind::Cut(Which::Redis),
    Kind::Hold(Which::Postgres),
    Kind::Hold(Which::Redis),
    Kind::DiskFull,
];

impl Fault {
    /// Draws one of these.
    pub fn draw(kinds: &[Kind], rng: &mut Rng) -> Self {
        let kind = kinds[rng.usize(0..kinds.len())];
        let millis = match kind {
            Kind::Restart(_) => 0..2000,
            Kind::Cut(_) => 0..1,
            Kind::Hold(_) | Kind::DiskFull => 100..4000,
        };
        Fault {
            kind,
            time: Duration::from_millis(rng.u64(millis)),
        }
    }

    /// Does it, until it is over.
    ///
    /// # Errors
    ///
    /// The disk fails in another way than that it is full.
    ///
    /// # Panics
    ///
    /// Panics if a server does not come back.
    pub async fn strike(self, servers: &Arc<Servers>, disk: Option<&Disk>) -> io::Result<()> {
        match (self.kind, disk) {
            (Kind::Restart(which), _) => {
                let (here, there) = (Arc::clone(servers), Arc::clone(servers));
                spawn_blocking(move || which.server(&here).kill()).await?;
                sleep(self.time).await;
                spawn_blocking(move || which.server(&there).up()).await?;
            }
            (Kind::Cut(which), _) => which.way(servers).cut(),
            (Kind::Hold(which), _) => {
                which.way(servers).hold(true);
                sleep(self.time).await;
                which.way(servers).hold(false);
            }
            (Kind::DiskFull, Some(disk)) => {
                disk.fill()?;
                sleep(self.time).await;
                disk.free()?;
            }
            (Kind::DiskFull, None) => (),
        }
        Ok(())
    }
}

impl Which {
    fn server(self, servers: &Servers) -> &forwith_testing::Server {
        match self {
            Which::Postgres => &servers.postgres,
            Which::Redis => &servers.redis,
        }
    }

    fn way(self, servers: &Servers) -> &forwith_testing::Way {
        match self {
            Which::Postgres => &servers.ways()[0],
            Which::Redis => &servers.ways()[1],
        }
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Which::Postgres => "PostgreSQL",
            Which::Redis => "Redis",
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Restart(which) => write!(f, "{which} killed and restarted"),
            Kind::Cut(which) => write!(f, "connections to {which} cut"),
            Kind::Hold(which) => write!(f, "{which} out of reach"),
            Kind::DiskFull => f.write_str("disk full"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Cut(_) => self.kind.fmt(f),
            Kind::Restart(_) => write!(f, "{}, down for {:.1?}", self.kind, self.time),
            _ => write!(f, "{} for {:.1?}", self.kind, self.time),
        }
    }
}

//! Servers of NATS that are one cluster.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use crate::server::{START_BOUND, Server, StartError, free_port, present};
use crate::servers::{NATS, try_nats};

/// Servers of NATS on this machine that are one cluster, with JetStream. Each can be killed.
#[derive(Debug)]
pub struct NatsCluster {
    /// The servers. The names they have in the cluster are `nats-0`, `nats-1` and so on.
    pub servers: Vec<Server>,
}

impl NatsCluster {
    /// Gives the address of each server, for its clients.
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        let url = |server: &Server| format!("nats://127.0.0.1:{}", server.port);
        self.servers.iter().map(url).collect()
    }

    /// Finds a server by its name in the cluster.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        (0..self.servers.len()).find(|index| name_of(*index) == name)
    }

    /// Waits until one of the servers leads them: before, no stream can be made. Those that join
    /// them afterwards do not always say so.
    fn await_leader(&self) -> Result<(), StartError> {
        let begun = Instant::now();
        let log = |server: &Server| fs::read_to_string(server.dir.join("log")).unwrap_or_default();
        while !self
            .servers
            .iter()
            .any(|server| log(server).contains("metadata leader"))
        {
            if begun.elapsed() > START_BOUND {
                return Err(StartError::NotUp {
                    name: NATS.name,
                    log: self.servers.iter().map(log).collect(),
                });
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

fn name_of(index: usize) -> String {
    format!("nats-{index}")
}

/// Starts a cluster for one test. Gives nothing where NATS is not installed.
#[must_use]
pub fn start_nats_cluster(size: usize) -> Option<NatsCluster> {
    present(try_nats_cluster(size))
}

/// Starts a cluster of so many servers for a program. A stream is kept as long as more than half of
/// them are up, so three bear the loss of one.
///
/// A server may take a moment longer to join the others. Until then a stream on all of them is
/// refused, so try again.
///
/// # Errors
///
/// [`StartError`], which names the package to install.
pub fn try_nats_cluster(size: usize) -> Result<NatsCluster, StartError> {
    let mut started = start(size);
    for _ in 1..ATTEMPTS {
        match &started {
            Err(StartError::NotUp { log, .. }) if log.contains(IN_USE) => started = start(size),
            _ => break,
        }
    }
    started
}

/// What a server says whose port somebody has taken meanwhile.
const IN_USE: &str = "address already in use";

/// How often a cluster is started on other ports. Its own servers may take a port of one that has
/// yet to come, while they try to connect to it.
const ATTEMPTS: usize = 5;

fn start(size: usize) -> Result<NatsCluster, StartError> {
    // Each has to know the ways to all others before they are there.
    let ports: Vec<u16> = (0..size).map(|_| free_port()).collect();
    let route = |port: &u16| format!("nats://127.0.0.1:{port}");
    let routes = ports.iter().map(route).collect::<Vec<_>>().join(",");
    let start = |(index, port): (usize, &u16)| {
        let (name, own) = (name_of(index), route(port));
        try_nats(&format!(
            "--server_name {name} --cluster_name forwith --cluster {own} --routes {routes}"
        ))
    };
    let servers = ports.iter().enumerate().map(start);
    let cluster = NatsCluster {
        servers: servers.collect::<Result<_, _>>()?,
    };
    cluster.await_leader()?;
    Ok(cluster)
}

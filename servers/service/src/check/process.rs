//! The process of a service.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use std::{env, io};

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use super::servers::Servers;
use crate::options::Kind;
use crate::start::Ended;

/// How long a shutdown may take.
const END_LIMIT: Duration = Duration::from_mins(1);

/// A service in a process of its own, so that the kernel counts what it uses.
pub struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// The service ends when this is closed, also by the end of this program. It is kept here, as a
    /// wait for the child would close it.
    _life: ChildStdin,
    /// Where it listens.
    pub address: SocketAddr,
    /// What it has written to stderr.
    pub log: PathBuf,
}

impl Process {
    /// Starts it, and waits until it listens.
    ///
    /// # Errors
    ///
    /// It does not start.
    ///
    /// # Panics
    ///
    /// Panics outside of tokio.
    pub async fn start(kind: Kind, servers: &Servers) -> io::Result<Self> {
        let dir = servers.dir();
        fs::create_dir_all(&dir)?;
        let log = dir.with_extension(format!("{kind}.log"));
        let [database, redis] = servers.urls();
        let mut child = Command::new(env::current_exe()?)
            .args(["serve", "--port", "0", "--end-with-stdin"])
            .args(["--kind", &kind.to_string()])
            .env("DATABASE_URL", database)
            .env("REDIS_URL", redis)
            .arg("--dir")
            .arg(&dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .kill_on_drop(true)
            .spawn()?;
        let life = child.stdin.take().expect("it is piped");
        let stdout = child.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(stdout).lines();
        let first = lines.next_line().await?.unwrap_or_default();
        let address = first
            .rsplit(' ')
            .next()
            .and_then(|address| address.parse().ok());
        let Some(address) = address else {
            let said = fs::read_to_string(&log)?;
            return Err(io::Error::other(format!(
                "the service does not start: {said}"
            )));
        };
        Ok(Process {
            child,
            lines,
            _life: life,
            address,
            log,
        })
    }

    /// How long processors have worked for it, in its own code and the kernel's.
    ///
    /// # Panics
    ///
    /// Panics if it has ended, or this is no Linux.
    #[must_use]
    pub fn cpu(&self) -> Duration {
        let stat = self.proc("stat");
        let behind_name = stat.rsplit(") ").next().expect("a name in parentheses");
        let mut fields = behind_name.split(' ').skip(11);
        let ticks = |field: Option<&str>| field.and_then(|ticks| ticks.parse::<u64>().ok());
        let (user, system) = (ticks(fields.next()), ticks(fields.next()));
        let ticks = user.zip(system).map(|(user, system)| user + system);
        Duration::from_millis(1000 / TICKS_A_SECOND * ticks.expect("two numbers"))
    }

    /// The bytes of its memory that are there.
    ///
    /// # Panics
    ///
    /// Panics if it has ended, or this is no Linux.
    #[must_use]
    pub fn memory(&self) -> u64 {
        let status = self.proc("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
        1024 * kib
            .and_then(|kib| kib.parse::<u64>().ok())
            .expect("a number")
    }

    fn proc(&self, file: &str) -> String {
        let id = self.child.id().expect("it has not been awaited");
        fs::read_to_string(format!("/proc/{id}/{file}")).expect("it runs, on Linux")
    }

    /// Tells it to stop, and waits until it has.
    ///
    /// # Errors
    ///
    /// It does not end in time, or with an error.
    ///
    /// # Panics
    ///
    /// Panics if it has ended before.
    pub async fn stop(mut self) -> io::Result<Ended> {
        let id = self
            .child
            .id()
            .expect("it has not been awaited")
            .to_string();
        Command::new("kill").arg(id).status().await?;
        let ended = async {
            let line = self.lines.next_line().await?.unwrap_or_default();
            let status = self.child.wait().await?;
            if !status.success() {
                let said = fs::read_to_string(&self.log)?;
                return Err(io::Error::other(format!("{status}: {said}")));
            }
            Ok(serde_json::from_str(&line)?)
        };
        timeout(END_LIMIT, ended).await?
    }
}

/// What Linux counts processors' time in, on every machine of today.
const TICKS_A_SECOND: u64 = 100;

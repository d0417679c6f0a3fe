//! What a worker has been ordered, and how that ends it.

use std::future::pending;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep_until};

use super::ledger::End;
use super::place::{Order, Ordered};
use crate::Error;
use crate::line::Line;

/// How long a worker that is to be killed may have no job.
const IDLE: Duration = Duration::from_secs(1);

/// How long a worker may take to stop. It has bounds of its own, so only a bug reaches this one.
const STOPPED: Duration = Duration::from_mins(2);

/// What a worker has been ordered: one thing at most, as it ends by that.
#[derive(Default)]
pub struct Fortune {
    pub ordered: Option<Ordered>,
    /// The worker takes jobs.
    is_ready: bool,
    /// The worker is killed when it takes a job.
    is_doomed: bool,
    /// The worker is killed at this time, if it is still there.
    latest: Option<Instant>,
    is_killed: bool,
}

impl Fortune {
    /// Whether the worker takes an order: it takes jobs, and has no order yet. Another order waits
    /// for the worker that follows.
    pub fn is_open(&self) -> bool {
        self.is_ready && self.ordered.is_none()
    }

    /// Takes an order.
    pub async fn take(&mut self, ordered: Ordered, worker: &Child) -> Result<(), Error> {
        let (order, _) = self.ordered.insert(ordered);
        if *order == Order::Kill {
            self.is_doomed = true;
            self.latest = Some(Instant::now() + IDLE);
            return Ok(());
        }
        self.latest = Some(Instant::now() + STOPPED);
        if let Some(id) = worker.id() {
            // It has not been waited for, so this is the number of no other process.
            let mut kill = Command::new("kill");
            kill.arg("-TERM").arg(id.to_string()).status().await?;
        }
        Ok(())
    }

    /// Kills a worker that has just taken a job, if it is to be killed.
    pub fn note(&mut self, line: &Line, worker: &mut Child) -> Result<(), Error> {
        self.is_ready |= *line == Line::Ready;
        if matches!(line, Line::Got { .. }) && self.is_doomed {
            self.kill(worker)?;
        }
        Ok(())
    }

    pub fn kill(&mut self, worker: &mut Child) -> Result<(), Error> {
        self.is_doomed = false;
        self.latest = None;
        self.is_killed = true;
        worker.start_kill()?;
        Ok(())
    }

    /// Waits until the worker is to be killed, whatever it does.
    pub fn too_late(&self) -> impl Future<Output = ()> + use<> {
        let latest = self.latest;
        async move {
            match latest {
                Some(latest) => sleep_until(latest).await,
                None => pending().await,
            }
        }
    }

    /// Whether no worker follows.
    pub fn is_last(&self) -> bool {
        matches!(self.ordered, Some((Order::End, _)))
    }

    /// How a worker with this status has ended.
    pub fn end(&self, status: ExitStatus) -> End {
        if self.is_killed {
            End::Killed
        } else if status.success() && self.ordered.is_some() {
            End::Asked
        } else {
            End::Failed
        }
    }
}

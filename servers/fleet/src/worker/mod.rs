//! A worker: a process that takes jobs until it is asked to stop.

mod held;
mod plain;

use std::fmt::Display;
use std::io::{self, Read};
use std::thread;
use std::time::Duration;

use async_nats::jetstream::Message;
use forwith::CancelToken;
use sqlx::PgPool;
use tokio::signal::unix::{SignalKind, signal};

use crate::Error;
use crate::job::Job;
use crate::line::{Fate, Line};
use crate::options::Work;
use crate::store::Delivery;

/// How long jobs may go on when the worker is asked to stop.
const PATIENCE: Duration = Duration::from_millis(500);

/// Takes jobs until it is asked to stop.
pub async fn work(work: Work) -> Result<(), Error> {
    let stop = stop()?;
    if work.mode.is_plain {
        plain::work(work, stop).await
    } else {
        held::work(work, stop).await
    }
}

/// A token that `SIGTERM` cancels, and the end of the standard input, which is that of the
/// coordinator.
fn stop() -> io::Result<CancelToken> {
    let stop = CancelToken::new();
    let (by_signal, by_end) = (stop.clone(), stop.clone());
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        terminate.recv().await;
        by_signal.cancel();
    });
    // No thread of tokio: the runtime would wait for its read.
    thread::spawn(move || {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        by_end.cancel();
    });
    Ok(stop)
}

/// What the jobs of a worker share.
struct Worker {
    name: String,
    pool: PgPool,
    is_unguarded: bool,
}

impl Worker {
    /// Reads a message, and tells of it.
    fn read(&self, message: &Message) -> Result<Delivery<'_>, Error> {
        let job = Job::parse(&message.payload)?;
        let number = message.info()?.delivered;
        Line::Got {
            job: job.number,
            delivery: number,
        }
        .tell();
        Ok(Delivery {
            job,
            worker: &self.name,
            number,
            is_guarded: !self.is_unguarded,
        })
    }
}

fn tell_fate(job: i64, fate: Fate) {
    Line::Ended { job, fate }.tell();
}

/// Tells of something that has gone wrong.
fn tell_wrong(wrong: &impl Display) {
    Line::Wrong(wrong.to_string()).tell();
}

//! How much is done: what publishing, disturbing and ending go by.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::Error;
use crate::store;

/// How often it is asked how many jobs are done.
const PERIOD: Duration = Duration::from_millis(20);

/// How long the whole may stand still until it counts as stuck.
const STUCK: Duration = Duration::from_mins(1);

/// How much is done.
pub struct Progress {
    pub jobs: i64,
    begun: OnceLock<Instant>,
    state: watch::Sender<State>,
    times: Mutex<Times>,
}

/// What the times have been.
#[derive(Clone, Copy, Default)]
pub struct Times {
    /// When the last job was done.
    pub took: Duration,
    /// The longest time in which no job was done.
    pub longest_pause: Duration,
}

#[derive(Clone, Copy, Default)]
struct State {
    done: i64,
    is_stuck: bool,
}

/// Nothing has been done for a while, so it is no use to wait for more.
#[derive(Debug)]
pub struct Stuck;

impl Progress {
    pub fn of(jobs: i64) -> Self {
        Progress {
            jobs,
            begun: OnceLock::new(),
            state: watch::Sender::default(),
            times: Mutex::default(),
        }
    }

    /// Counts the time from now on.
    pub fn begin(&self) {
        self.begun.get_or_init(Instant::now);
    }

    /// Asks the store until all is done. Gives up when nothing moves.
    pub async fn watch(&self, pool: &PgPool) -> Result<(), Error> {
        let mut moved = Instant::now();
        loop {
            let done = store::count(pool).await?;
            let before = self.state.borrow().done;
            if done > before {
                self.note(moved.elapsed());
                moved = Instant::now();
                self.state.send_modify(|state| state.done = done);
            }
            if done >= self.jobs {
                return Ok(());
            }
            if moved.elapsed() > STUCK {
                self.state.send_modify(|state| state.is_stuck = true);
                return Ok(());
            }
            sleep(PERIOD).await;
        }
    }

    /// Notes that jobs were done, so long after those before.
    fn note(&self, pause: Duration) {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        times.took = self.elapsed();
        times.longest_pause = times.longest_pause.max(pause);
    }

    /// Waits until so many jobs are done.
    pub async fn wait_for(&self, done: i64) -> Result<(), Stuck> {
        let mut seen = self.state.subscribe();
        let state = seen.wait_for(|state| state.is_stuck || state.done >= done);
        match state.await {
            Ok(state) if state.done >= done => Ok(()),
            _ => Err(Stuck),
        }
    }

    pub fn is_stuck(&self) -> bool {
        self.state.borrow().is_stuck
    }

    /// The share of the jobs that is done, in percent.
    pub fn percent(&self) -> i64 {
        100 * self.state.borrow().done / self.jobs
    }

    pub fn elapsed(&self) -> Duration {
        self.begun.get().map_or(Duration::ZERO, Instant::elapsed)
    }

    pub fn times(&self) -> Times {
        *self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

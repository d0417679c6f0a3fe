//! The end of a server.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use forwith::reaper::{Reaper, RemainingExit};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use crate::reason::Reason;
use crate::shared::Name;
use crate::tracker::Tracker;

/// How long what has been dropped may take to be gone: each task must be polled once more.
const DROP: Duration = Duration::from_secs(1);

/// In place of a bound that is behind the end of the clock.
const A_LONG_TIME: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The shutdown of a server. [`Tracker::shut_down`] makes it, and awaiting it runs it.
///
/// 1. The server accepts nothing new: [`Tracker::closing`] is ready.
/// 2. Requests and tasks may come to their end, for as long as [`wait`](Shutdown::wait) says.
/// 3. What still runs is cancelled, and its exits are awaited, for as long as
///    [`exits`](Shutdown::exits) says. Clients get 503, or over gRPC `UNAVAILABLE`. So do requests
///    that come now.
/// 4. What is left is dropped. Exits that own all they need go on in the reaper.
/// 5. The connections send what they have ([`serving`](Shutdown::serving)), and then the reaper
///    ends what it has taken ([`join`](Shutdown::join)), both for as long as
///    [`finish`](Shutdown::finish) says.
///
/// A step is over as soon as nothing runs. So a shutdown takes at most the sum of the three bounds,
/// and a second for the fourth step.
///
/// ```
/// use axum::{Router, routing::get};
/// use forwith::reaper::Reaper;
/// use forwith_tower::Tracker;
/// use std::time::Duration;
/// use tokio::net::TcpListener;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let reaper = Reaper::tokio();
/// reaper.install();
/// let tracker = Tracker::new();
/// let app = Router::new()
///     .route("/", get(async || "hello"))
///     .layer(tracker.layer().time_limit(Duration::from_secs(30)));
/// let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
/// let serve = axum::serve(listener, app).with_graceful_shutdown(tracker.closing());
/// let serve = tokio::spawn(serve.into_future());
///
/// // tokio::signal::ctrl_c().await, and then
/// let left = tracker
///     .shut_down()
///     .wait(Duration::from_secs(20))
///     .exits(Duration::from_secs(5))
///     .serving(serve)
///     .join(&reaper)
///     .await;
/// assert!(left.is_empty(), "{left}");
/// # Reaper::uninstall();
/// # }
/// ```
///
/// # Cancel safety
///
/// Dropped, it stops waiting. What it has begun is not taken back: a server that closes stays
/// closed, and what was cancelled stays cancelled.
#[must_use = "a shutdown does nothing unless it is awaited"]
pub struct Shutdown {
    tracker: Tracker,
    wait: Duration,
    exits: Duration,
    finish: Duration,
    serving: Option<Serving>,
    reaper: Option<Reaper>,
}

/// The task of a server, whatever it gives.
type Serving = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Shutdown {
    pub(crate) fn new(tracker: Tracker) -> Self {
        Shutdown {
            tracker,
            wait: Duration::from_secs(10),
            exits: Duration::from_secs(5),
            finish: Duration::from_secs(5),
            serving: None,
            reaper: None,
        }
    }

    /// Sets how long requests and tasks may go on before they are cancelled: 10 seconds, if this is
    /// not called. With [`Duration::ZERO`] they are cancelled at once.
    pub fn wait(mut self, bound: Duration) -> Self {
        self.wait = bound;
        self
    }

    /// Sets how long the exits of what was cancelled may take: 5 seconds, if this is not called.
    pub fn exits(mut self, bound: Duration) -> Self {
        self.exits = bound;
        self
    }

    /// Sets how long connections and the reaper may take at the end: 5 seconds, if this is not
    /// called.
    pub fn finish(mut self, bound: Duration) -> Self {
        self.finish = bound;
        self
    }

    /// Awaits the task that serves, and aborts it at the end. It must listen to
    /// [`Tracker::closing`].
    pub fn serving<T: Send + 'static>(mut self, serve: JoinHandle<T>) -> Self {
        let serve = AbortOnDrop(serve);
        self.serving = Some(Box::pin(async move {
            let mut serve = serve;
            // Its error or panic is no more the shutdown's than its value.
            let _ = (&mut serve.0).await;
        }));
        self
    }

    /// Joins a reaper at the end, when nothing hands it exits any more.
    pub fn join(mut self, reaper: &Reaper) -> Self {
        self.reaper = Some(reaper.clone());
        self
    }

    async fn run(self) -> Left {
        let shared = self.tracker.shared();
        tracing::info!(running = shared.running(), "the server closes");
        shared.closing.cancel();
        let ended = timeout(self.wait, shared.until_nothing_runs()).await;

        // Also if nothing runs: a connection may still bring a request.
        shared.cancelling.cancel_with(Reason::Shutdown);
        if ended.is_err() {
            tracing::info!(running = shared.running(), "the server cancels what runs");
            if timeout(self.exits, shared.until_nothing_runs())
                .await
                .is_err()
            {
                tracing::warn!(running = shared.running(), "the server drops what runs");
                shared.dropping.cancel();
                let _ = timeout(DROP, shared.until_nothing_runs()).await;
            }
        }

        let now = Instant::now();
        let end = now.checked_add(self.finish).unwrap_or(now + A_LONG_TIME);
        let is_serving = match self.serving {
            Some(serving) => timeout_at(end, serving).await.is_err(),
            None => false,
        };
        // Last, because a connection that is dropped may hand over exits.
        let reaper = self.reaper;
        if let Some(reaper) = &reaper {
            let _ = reaper.join_until(sleep_until(end)).await;
        }

        let left = Left {
            names: shared.running_names(),
            running: shared.running(),
            exits: reaper.map_or_else(Vec::new, |reaper| reaper.remaining().exits().to_vec()),
            is_serving,
        };
        if !left.is_empty() {
            tracing::warn!(%left, "the server ends");
        }
        left
    }
}

impl IntoFuture for Shutdown {
    type Output = Left;
    type IntoFuture = Pin<Box<dyn Future<Output = Left> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shutdown")
            .field("tracker", &self.tracker)
            .field("wait", &self.wait)
            .field("exits", &self.exits)
            .field("finish", &self.finish)
            .finish_non_exhaustive()
    }
}

struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What a [`Shutdown`] has not brought to its end.
#[derive(Clone, Debug)]
#[must_use = "it says what is still held"]
pub struct Left {
    names: Vec<Name>,
    running: usize,
    exits: Vec<RemainingExit>,
    is_serving: bool,
}

impl Left {
    /// Whether everything has ended.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.running == 0 && self.exits.is_empty() && !self.is_serving
    }

    /// The number of requests and tasks that still run. They block their threads, or a task that
    /// they wait in is not polled.
    #[must_use]
    pub fn running(&self) -> usize {
        self.running
    }

    /// The requests that still run, such as `GET /items`.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        let requests = self.names.iter();
        let requests = requests.filter(|name| matches!(name, Name::Request(..)));
        requests.map(ToString::to_string).collect()
    }

    /// The names of the tasks that still run.
    #[must_use]
    pub fn tasks(&self) -> Vec<&'static str> {
        let tasks = self.names.iter().filter_map(|name| match name {
            Name::Task(name) => Some(*name),
            Name::Request(..) => None,
        });
        tasks.collect()
    }

    /// The exits that the reaper has not brought to their end, by name.
    #[must_use]
    pub fn exits(&self) -> &[RemainingExit] {
        &self.exits
    }

    /// Whether the task that serves had to be aborted: a connection did not close.
    #[must_use]
    pub fn is_serving(&self) -> bool {
        self.is_serving
    }
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing is left");
        }
        f.write_str("left:")?;
        for name in &self.names {
            write!(f, " {name};")?;
        }
        if self.running > self.names.len() {
            write!(f, " {} more that run;", self.running - self.names.len())?;
        }
        for exit in &self.exits {
            write!(f, " the exit of {exit};")?;
        }
        if self.is_serving {
            f.write_str(" open connections;")?;
        }
        Ok(())
    }
}

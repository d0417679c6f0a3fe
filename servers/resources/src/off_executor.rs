//! Calls off the executor's thread that go on when their futures are dropped, and an end behind
//! them.

use std::convert::Infallible;
use std::io;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long an exit waits for the calls in flight and for the removal, unless it is told otherwise.
pub(crate) const REMOVE_LIMIT: Duration = Duration::from_secs(5);

/// A value, which calls in flight keep.
pub(crate) struct Calls<T> {
    value: Arc<T>,
    /// Each call has a clone.
    running: mpsc::Sender<Infallible>,
    /// Closed when no call runs.
    ended: mpsc::Receiver<Infallible>,
}

/// The share of a call.
struct InFlight<T> {
    value: Arc<T>,
    // Behind the value: whoever sees that no call runs has the only reference.
    _running: mpsc::Sender<Infallible>,
}

impl<T> InFlight<T> {
    // A closure that calls this has the whole of it, and not the value alone.
    fn get(&self) -> &T {
        &self.value
    }
}

impl<T: Send + Sync + 'static> Calls<T> {
    pub(crate) fn new(value: T) -> Self {
        let (running, ended) = mpsc::channel(1);
        Calls {
            value: Arc::new(value),
            running,
            ended,
        }
    }

    pub(crate) fn get(&self) -> &T {
        &self.value
    }

    fn in_flight(&self) -> InFlight<T> {
        InFlight {
            value: self.value.clone(),
            _running: self.running.clone(),
        }
    }

    /// Calls a closure that blocks.
    pub(crate) async fn run<R>(&self, call: impl FnOnce(&T) -> R + Send + 'static) -> R
    where
        R: Send + 'static,
    {
        let in_flight = self.in_flight();
        blocking(move || call(in_flight.get())).await
    }

    /// Awaits a future in a task.
    pub(crate) async fn call<F>(&self, call: F) -> F::Output
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let in_flight = self.in_flight();
        joined(tokio::spawn(async move {
            let output = call.await;
            drop(in_flight);
            output
        }))
        .await
    }

    /// Waits for all calls.
    async fn end(self) -> T {
        let Calls {
            value,
            running,
            mut ended,
        } = self;
        drop(running);
        let Some(never) = ended.recv().await else {
            return Arc::into_inner(value).expect("no call runs");
        };
        match never {}
    }

    /// Waits for all calls, and then finishes the value off the executor's thread. That goes on
    /// behind the limit, and when this is dropped.
    pub(crate) async fn finish(
        self,
        limit: Option<Duration>,
        finish: impl FnOnce(T) -> io::Result<()> + Send + 'static,
    ) -> io::Result<()> {
        within(limit, async {
            let value = self.end().await;
            blocking(move || finish(value)).await
        })
        .await
    }
}

/// Awaits the end of something in a task, which goes on behind the limit.
pub(crate) async fn within(
    limit: Option<Duration>,
    end: impl Future<Output = io::Result<()>> + Send + 'static,
) -> io::Result<()> {
    let end = joined(tokio::spawn(end));
    match limit {
        None => end.await,
        Some(limit) => timeout(limit, end).await.unwrap_or_else(|_| {
            let message = format!("a call in flight has not ended within {limit:?}");
            Err(io::Error::new(io::ErrorKind::TimedOut, message))
        }),
    }
}

/// Calls a closure that blocks. It goes on when this is dropped.
pub(crate) async fn blocking<R: Send + 'static>(call: impl FnOnce() -> R + Send + 'static) -> R {
    joined(tokio::task::spawn_blocking(call)).await
}

/// Awaits a task, and resumes its panic if there was one.
pub(crate) async fn joined<R>(task: JoinHandle<R>) -> R {
    match task.await {
        Ok(value) => value,
        Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
        Err(error) => panic!("the runtime of tokio ends: {error}"),
    }
}

//! What the story asks of an executor.

use forwith_example_database::Error;
use forwith_runtime::{spawn_named, timeline};
use tracing::{Instrument, info, info_span};

/// An executor that runs tasks, and notes in a timeline what they say.
pub trait Scheduler: Copy + Send + Sync + 'static {
    /// Starts the task of a writer, and gives a future for its result.
    fn spawn_writer<T: Send + 'static>(
        self,
        n: usize,
        task: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = Result<T, Error>>;

    /// Writes a note into the lane of the task that runs.
    fn note(self, note: String);
}

/// The executor of forwith-runtime.
#[derive(Clone, Copy)]
pub struct OnRuntime;

impl Scheduler for OnRuntime {
    fn spawn_writer<T: Send + 'static>(
        self,
        n: usize,
        task: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = Result<T, Error>> {
        let task = spawn_named(format!("writer {n}"), task);
        async { task.await.map_err(Error::new) }
    }

    fn note(self, note: String) {
        timeline::note(note);
    }
}

/// Tokio, with any number of threads.
#[derive(Clone, Copy)]
pub struct OnTokio;

impl Scheduler for OnTokio {
    fn spawn_writer<T: Send + 'static>(
        self,
        n: usize,
        task: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = Result<T, Error>> {
        let task = tokio::spawn(task.instrument(info_span!(parent: None, "writer", n)));
        async { task.await.map_err(Error::new) }
    }

    fn note(self, note: String) {
        info!("{note}");
    }
}

//! A reaper on tokio.

use tokio::runtime::Handle;

use crate::reaper::Reaper;

impl Reaper {
    /// A reaper that spawns each exit on the tokio runtime in which the drop happens. Needs the
    /// feature `tokio`.
    ///
    /// Where the drop happens in no runtime, the exit runs on the one in which this was called.
    ///
    /// ```
    /// use forwith::{AsyncExit, Handoff, Outcome, async_with, reaper::Reaper};
    /// use std::sync::atomic::{AtomicBool, Ordering};
    /// use std::time::Duration;
    /// use tokio::time::{sleep, timeout};
    ///
    /// static CLOSED: AtomicBool = AtomicBool::new(false);
    ///
    /// struct Connection;
    ///
    /// impl AsyncExit for Connection {
    ///     type Error = std::io::Error;
    ///
    ///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
    ///         sleep(Duration::from_secs(1)).await; // say goodbye
    ///         CLOSED.store(true, Ordering::Relaxed);
    ///         Ok(())
    ///     }
    ///
    ///     fn abandon(self, handoff: Handoff<'_>) {
    ///         handoff.run(self.exit(Outcome::Cancelled));
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # tokio::time::pause();
    /// let reaper = Reaper::tokio();
    /// reaper.install();
    ///
    /// let work = async {
    ///     async_with!(async { Ok(Connection) }, { std::future::pending::<()>().await })
    /// };
    /// assert!(timeout(Duration::from_secs(1), work).await.is_err()); // drops `work`
    /// reaper.join().await;
    /// assert!(CLOSED.load(Ordering::Relaxed));
    /// # }
    /// ```
    ///
    /// A runtime that is shutting down spawns nothing, and drops what it had spawned: such exits
    /// are lost or cut, which is reported ([`report::set_hook`](crate::report::set_hook)). So end
    /// the tasks before the runtime ends, and then [`join`](Reaper::join), with a bound
    /// ([`join_until`](Reaper::join_until), [`exit_limit`](Reaper::exit_limit)).
    ///
    /// An exit runs on the runtime in which it is handed over, and outside of one on that of this
    /// call. So what a task still holds when its runtime is dropped is lost, although another one
    /// runs.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    #[must_use = "a reaper takes exits once it is installed or entered"]
    #[track_caller]
    pub fn tokio() -> Self {
        let Ok(home) = Handle::try_current() else {
            panic!("`Reaper::tokio()` was called outside of a tokio runtime")
        };
        Reaper::new(move |exit| {
            let here = Handle::try_current();
            drop(here.as_ref().unwrap_or(&home).spawn(exit));
        })
    }
}

//! A reaper on smol.

use crate::reaper::Reaper;

impl Reaper {
    /// A reaper that spawns each exit on smol's global executor. Needs the feature `smol`.
    ///
    /// ```
    /// use forwith::{AsyncExit, Handoff, Outcome, async_with, reaper::Reaper};
    /// use futures::FutureExt;
    /// use std::sync::atomic::{AtomicBool, Ordering};
    ///
    /// static CLOSED: AtomicBool = AtomicBool::new(false);
    ///
    /// struct Connection;
    ///
    /// impl AsyncExit for Connection {
    ///     type Error = std::io::Error;
    ///
    ///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
    ///         smol::future::yield_now().await; // say goodbye
    ///         CLOSED.store(true, Ordering::Relaxed);
    ///         Ok(())
    ///     }
    ///
    ///     fn abandon(self, handoff: Handoff<'_>) {
    ///         handoff.run(self.exit(Outcome::Cancelled));
    ///     }
    /// }
    ///
    /// let reaper = Reaper::smol();
    /// reaper.install();
    ///
    /// let work = async {
    ///     async_with!(async { Ok(Connection) }, { std::future::pending::<()>().await })
    /// };
    /// assert!(work.now_or_never().is_none()); // drops `work`
    /// smol::block_on(reaper.join());
    /// assert!(CLOSED.load(Ordering::Relaxed));
    /// ```
    ///
    /// An exit that panics is reported, as in every reaper, and smol's threads run on.
    #[must_use = "a reaper takes exits once it is installed or entered"]
    pub fn smol() -> Self {
        Reaper::new(|exit| smol::spawn(exit).detach())
    }
}

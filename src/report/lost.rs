//! The number of exits that did not run to their end.

use core::sync::atomic::{AtomicUsize, Ordering};

static LOST: AtomicUsize = AtomicUsize::new(0);

/// The number of exits of this program that were lost or cut.
///
/// An exit is *lost* when its resource is dropped and neither handed to a reaper nor otherwise
/// [handled](crate::AsyncExit::abandon). It is *cut* when it is dropped while it runs, also by the
/// limit of its reaper.
///
/// ```
/// use forwith::report::lost_exits;
/// use forwith::{AsyncExit, Outcome, async_with};
/// use futures::FutureExt;
///
/// struct Connection;
///
/// impl AsyncExit for Connection {
///     type Error = std::io::Error;
///
///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
///         Ok(())
///     }
/// }
///
/// let before = lost_exits();
/// let work = async {
///     async_with!(async { Ok(Connection) }, { std::future::pending::<()>().await })
/// };
/// assert!(work.now_or_never().is_none()); // polled once, and dropped
/// assert_eq!(lost_exits(), before + 1);
/// ```
#[must_use]
pub fn lost_exits() -> usize {
    LOST.load(Ordering::Relaxed)
}

/// Counts one more.
pub(crate) fn count_lost() {
    LOST.fetch_add(1, Ordering::Relaxed);
}

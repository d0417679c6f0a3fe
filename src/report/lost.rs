//! How many exits were lost or cut.

use core::sync::atomic::{AtomicUsize, Ordering};

static LOST: AtomicUsize = AtomicUsize::new(0);

/// How many exits of this program did not run, or not to their end: those of resources that were dropped outright and
/// neither handed to a reaper nor otherwise [handled](crate::AsyncExit::abandon), and those that were dropped half-way.
///
/// ```
/// use forwith::{AsyncExit, Outcome, async_with, lost_exits};
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
/// let _ = async { async_with!(async { Ok(Connection) }, { std::future::pending::<()>().await }) }.now_or_never();
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

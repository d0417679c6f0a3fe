//! What a group gives for a task.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use tokio::sync::oneshot::Receiver;

/// A task of a [`TaskGroup`](super::TaskGroup): awaited, it gives the task's value, or `None` if the task failed, panicked or was
/// cancelled. What went wrong then is the group's to tell.
///
/// It need not be awaited, for the group awaits the task.
///
/// ```
/// use forwith::{async_with, on_tokio::TaskGroup};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let sum = async_with!(TaskGroup::new() as group, {
///     let two = group.spawn(async { Ok::<_, std::io::Error>(2) });
///     let three = group.spawn(async { Ok(3) });
///     two.await.unwrap_or(0) + three.await.unwrap_or(0)
/// });
/// assert_eq!(sum.unwrap(), 5);
/// # }
/// ```
///
/// # Panics
///
/// When it is polled after it was ready.
///
/// # Cancel safety
///
/// When it is dropped the value is lost, and the task goes on.
pub struct GroupTask<T> {
    value: Receiver<T>,
}

impl<T> GroupTask<T> {
    pub(super) fn new(value: Receiver<T>) -> Self {
        GroupTask { value }
    }
}

impl<T> Future for GroupTask<T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        Pin::new(&mut self.value).poll(cx).map(Result::ok)
    }
}

impl<T> fmt::Debug for GroupTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupTask").finish_non_exhaustive()
    }
}

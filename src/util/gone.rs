//! Where a body waits that has departed.

use core::convert::Infallible;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

/// Never ready: a body that has departed awaits this, and is dropped there.
#[derive(Debug)]
#[must_use = "a body departs only where this is awaited"]
pub struct Gone;

impl Future for Gone {
    type Output = Infallible;

    #[inline]
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Infallible> {
        Poll::Pending
    }
}

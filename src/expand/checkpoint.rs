//! The first step of an expansion.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use crate::cancel::is_stopping;

/// Ready at once, except in a scope that is cancelled, where nothing new is entered.
#[derive(Debug)]
#[must_use = "it holds up only where it is awaited"]
pub struct Checkpoint;

impl Future for Checkpoint {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if is_stopping() {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }
}

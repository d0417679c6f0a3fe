//! The wait for a deadline, which arms a timer and moves it.

use core::fmt::{self, Debug};
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;

use pin_project_lite::pin_project;

use super::shared::Shared;
use super::timer::Timer;
use crate::util::waiters::Ticket;

pin_project! {
    /// The future of [`Deadline::passed`](super::Deadline::passed).
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct WaitForDeadline<T>
    where
        T: Timer,
    {
        shared: Arc<Shared<T::Instant>>,
        ticket: Ticket,
        // The instant that the timer is armed for, while there is one.
        armed: Option<T::Instant>,
        #[pin]
        timer: Option<T>,
    }

    impl<T> PinnedDrop for WaitForDeadline<T>
    where
        T: Timer,
    {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.shared.leave(this.ticket);
        }
    }
}

impl<T: Timer> WaitForDeadline<T> {
    pub(super) fn new(shared: Arc<Shared<T::Instant>>) -> Self {
        WaitForDeadline {
            shared,
            ticket: Ticket::default(),
            armed: None,
            timer: None,
        }
    }

    /// Waits for the timer, which is armed for the instant first. No timer is needed for an instant
    /// that has passed.
    fn poll_until(self: Pin<&mut Self>, at: T::Instant, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        if *this.armed != Some(at) {
            if at <= T::now() {
                return Poll::Ready(());
            }
            match this.timer.as_mut().as_pin_mut() {
                Some(timer) => timer.move_to(at),
                None => this.timer.set(Some(T::until(at))),
            }
            *this.armed = Some(at);
        }
        match this.timer.as_pin_mut() {
            Some(timer) => timer.poll(cx).map(drop),
            None => Poll::Pending,
        }
    }

    /// Drops the timer: a clock that jumps from timer to timer would go there in vain.
    fn disarm(self: Pin<&mut Self>) {
        let mut this = self.project();
        *this.armed = None;
        this.timer.set(None);
    }
}

impl<T: Timer> Future for WaitForDeadline<T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.as_mut().project();
        let polled = match this.shared.listen(this.ticket, cx.waker()) {
            Some(at) => {
                let polled = self.as_mut().poll_until(at, cx);
                if polled.is_pending() {
                    return Poll::Pending;
                }
                polled
            }
            None => Poll::Pending,
        };
        self.disarm();
        polled
    }
}

impl<T: Timer> Debug for WaitForDeadline<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForDeadline").finish_non_exhaustive()
    }
}

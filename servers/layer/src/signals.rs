//! The signals that stop a request, and the stop of its scope.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use forwith::CancelToken;
use forwith::cancel::WaitForCancel;
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use crate::reason::Reason;
use crate::shared::Shared;

/// What may stop a request from outside: the shutdown, and the time limit.
///
/// The first poll takes a place among those that wait for the shutdown, and a timer, in a box of
/// its own. So a request that never waits pays for neither, and is not larger by them.
pub(crate) struct Signals {
    shutdown: Option<WaitForCancel<Reason>>,
    deadline: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Signals {
    pub(crate) const fn new(deadline: Option<Instant>) -> Self {
        Signals {
            shutdown: None,
            deadline,
            timer: None,
        }
    }

    /// Makes the signals of this request once more, for somebody else.
    pub(crate) const fn again(&self) -> Self {
        Signals::new(self.deadline)
    }

    /// Ready when the server cancels what runs, or the time limit passes.
    pub(crate) fn poll(&mut self, shared: &Shared, cx: &mut Context<'_>) -> Poll<Reason> {
        let shutdown = self
            .shutdown
            .get_or_insert_with(|| shared.cancelling.cancelled());
        if let Poll::Ready(reason) = Pin::new(shutdown).poll(cx) {
            return Poll::Ready(reason);
        }
        let Some(deadline) = self.deadline else {
            return Poll::Pending;
        };
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        timer.as_mut().poll(cx).map(|()| Reason::TimeLimit)
    }
}

/// The stop of a request's scope, which fires when it is asked to.
#[derive(Default)]
pub(crate) struct Stop(Option<Reason>);

impl Stop {
    /// Makes it ready when it is polled next. The first reason counts.
    pub(crate) fn ask(&mut self, reason: Reason) {
        self.0.get_or_insert(reason);
    }
}

impl Future for Stop {
    type Output = Reason;

    #[inline]
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Reason> {
        self.0.map_or(Poll::Pending, Poll::Ready)
    }
}

/// Ready when the exits have had their time: after the grace, or at the end of the shutdown.
pub(crate) struct EndOfGrace {
    shutdown: WaitForCancel,
    timer: Option<Pin<Box<Sleep>>>,
}

impl EndOfGrace {
    pub(crate) fn begin(shutdown: &CancelToken, grace: Option<Duration>) -> Self {
        EndOfGrace {
            shutdown: shutdown.cancelled(),
            timer: grace.map(|grace| Box::pin(sleep(grace))),
        }
    }
}

impl Future for EndOfGrace {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if Pin::new(&mut self.shutdown).poll(cx).is_ready() {
            return Poll::Ready(());
        }
        match &mut self.timer {
            Some(timer) => timer.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}

//! The signals that stop a request, and the stop of its scope.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use forwith::CancelToken;
use forwith::cancel::WaitForCancel;
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use crate::reason::Reason;
use crate::shared::Shared;

pin_project! {
    /// Ready when the time limit passes or the server cancels what runs. A timer and a place among
    /// those that wait for the shutdown are taken by the first poll, so whoever never polls it
    /// pays for neither.
    pub(crate) struct Signals {
        shared: Arc<Shared>,
        shutdown: Option<WaitForCancel<Reason>>,
        deadline: Option<Instant>,
        #[pin]
        timer: Option<Sleep>,
    }
}

impl Signals {
    pub(crate) fn new(shared: Arc<Shared>, deadline: Option<Instant>) -> Self {
        Signals {
            shared,
            shutdown: None,
            deadline,
            timer: None,
        }
    }
}

impl Future for Signals {
    type Output = Reason;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reason> {
        let mut this = self.project();
        let shared = &*this.shared;
        let shutdown = this.shutdown.get_or_insert_with(|| shared.cancelling.cancelled());
        if let Poll::Ready(reason) = Pin::new(shutdown).poll(cx) {
            return Poll::Ready(reason);
        }
        let Some(deadline) = *this.deadline else {
            return Poll::Pending;
        };
        if this.timer.is_none() {
            this.timer.set(Some(sleep_until(deadline)));
        }
        match this.timer.as_pin_mut() {
            Some(timer) => timer.poll(cx).map(|()| Reason::TimeLimit),
            None => Poll::Pending,
        }
    }
}

pin_project! {
    /// The stop of a request's scope.
    pub(crate) struct Stop {
        asked: Option<Reason>,
        stage: Stage,
        #[pin]
        signals: Signals,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The scope has not been polled.
    New,
    Listens,
    /// Somebody else listens to the signals, and asks.
    Deaf,
}

impl Stop {
    pub(crate) fn new(signals: Signals) -> Self {
        Stop {
            asked: None,
            stage: Stage::New,
            signals,
        }
    }

    /// Makes it ready when it is polled next. The first reason counts.
    pub(crate) fn ask(self: Pin<&mut Self>, reason: Reason) {
        self.project().asked.get_or_insert(reason);
    }

    /// Whether it listens to the signals itself. It does in the beginning.
    pub(crate) fn set_listens(self: Pin<&mut Self>, listens: bool) {
        let stage = if listens { Stage::Listens } else { Stage::Deaf };
        *self.project().stage = stage;
    }

    /// When the time limit passes.
    pub(crate) fn deadline(self: Pin<&mut Self>) -> Option<Instant> {
        *self.project().signals.project().deadline
    }
}

impl Future for Stop {
    type Output = Reason;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reason> {
        let this = self.project();
        if let Some(reason) = *this.asked {
            return Poll::Ready(reason);
        }
        match this.stage {
            Stage::Deaf => Poll::Pending,
            Stage::Listens => this.signals.poll(cx),
            Stage::New => {
                // The scope asks before it begins, and once more if the handler waits. Most do not,
                // and need no timer.
                *this.stage = Stage::Listens;
                let shutdown = this.signals.shared.cancelling.reason();
                shutdown.map_or(Poll::Pending, |&reason| Poll::Ready(reason))
            }
        }
    }
}

pin_project! {
    /// Ready when the exits have had their time: after the grace, or at the end of the shutdown.
    pub(crate) struct EndOfGrace {
        shutdown: WaitForCancel,
        #[pin]
        timer: Option<Sleep>,
    }
}

impl EndOfGrace {
    pub(crate) fn begin(shutdown: &CancelToken, grace: Option<Duration>) -> Self {
        EndOfGrace {
            shutdown: shutdown.cancelled(),
            timer: grace.map(sleep),
        }
    }
}

impl Future for EndOfGrace {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        if Pin::new(this.shutdown).poll(cx).is_ready() {
            return Poll::Ready(());
        }
        match this.timer.as_pin_mut() {
            Some(timer) => timer.poll(cx),
            None => Poll::Pending,
        }
    }
}

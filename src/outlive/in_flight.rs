//! The box of an exit, which can move.

use core::fmt::Debug;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::boxed::Box;

use pin_project_lite::pin_project;

use crate::protocol::exit_guard::ExitGuard;
use crate::protocol::handed_over::{Exit, HandedOver};
use crate::util::panic::{self, Payload};

pin_project! {
    /// An exit that is polled in place, where it gives its result. As a future it runs elsewhere,
    /// where it reports its result.
    pub(super) struct InFlight<F> {
        // `None` once it has ended elsewhere.
        #[pin]
        exit: Option<F>,
        // Dropped behind the exit.
        guard: ExitGuard,
    }
}

impl<F> InFlight<F> {
    #[inline]
    pub(super) fn new(resource: &'static str, exit: F) -> Self {
        InFlight {
            exit: Some(exit),
            guard: ExitGuard::in_place(resource),
        }
    }
}

/// An exit of any type, in its box. Its type says nothing about lifetimes.
pub(super) trait Move<E>: Send {
    fn poll_in_place(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E>>;

    fn resource(&self) -> &'static str;

    /// Makes the exit one for a reaper. `has_begun` says that it goes on there.
    fn hand_over(self: Pin<Box<Self>>, has_begun: bool) -> HandedOver;
}

impl<F, E> Move<E> for InFlight<F>
where
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: Debug,
{
    #[inline]
    fn poll_in_place(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E>> {
        match self.project().exit.as_pin_mut() {
            Some(exit) => exit.poll(cx),
            None => unreachable!("an exit that has ended elsewhere is not polled in place"),
        }
    }

    fn resource(&self) -> &'static str {
        self.guard.resource()
    }

    fn hand_over(mut self: Pin<Box<Self>>, has_begun: bool) -> HandedOver {
        self.as_mut().project().guard.set_elsewhere(has_begun);
        HandedOver::anywhere(self)
    }
}

impl<F, E> Future for InFlight<F>
where
    F: Future<Output = Result<(), E>>,
    E: Debug,
{
    type Output = Option<HandedOver>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(exit) = this.exit.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        let polled = this.guard.run(|| match panic::catch(|| exit.poll(cx)) {
            Ok(polled) => polled.map(Ok),
            Err(payload) => Poll::Ready(Err(payload)),
        });
        polled.map(|ended| {
            let ended = first_panic(ended, panic::catch(|| this.exit.set(None)));
            this.guard.end(ended);
            None
        })
    }
}

impl<F, E> Exit for InFlight<F>
where
    F: Future<Output = Result<(), E>>,
    E: Debug,
{
    fn resource(&self) -> &'static str {
        self.guard.resource()
    }

    fn set_hung(self: Pin<&mut Self>) {
        self.project().guard.set_hung();
    }
}

/// The end of an exit, and of the drop that followed. The first panic counts.
fn first_panic<T>(ended: Result<T, Payload>, dropped: Result<(), Payload>) -> Result<T, Payload> {
    match (ended, dropped) {
        (ended, Ok(())) => ended,
        (Ok(value), Err(payload)) => {
            panic::contain(|| drop(value));
            Err(payload)
        }
        (Err(first), Err(second)) => {
            panic::discard(second);
            Err(first)
        }
    }
}

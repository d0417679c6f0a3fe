//! The box of an exit, which can move.

use core::fmt::Debug;
use core::future::Future;
use core::mem;
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
        // `None` once it has panicked, or has ended elsewhere.
        #[pin]
        exit: Option<F>,
        resource: &'static str,
        // Whether it consists of exits that report themselves.
        is_whole: bool,
        // `None` where it began. Dropped behind the exit.
        guard: Option<ExitGuard>,
    }
}

impl<F> InFlight<F> {
    #[inline]
    pub(super) fn new(resource: &'static str, exit: F) -> Self {
        InFlight {
            exit: Some(exit),
            resource,
            is_whole: false,
            guard: None,
        }
    }

    pub(super) fn of_whole(resource: &'static str, exit: F) -> Self {
        InFlight {
            is_whole: true,
            ..InFlight::new(resource, exit)
        }
    }
}

/// An exit of any type, in its box. Its type says nothing about lifetimes.
pub(super) trait Move<E>: Send {
    fn poll_in_place(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E>>;

    /// Whether it has not panicked.
    fn runs(&self) -> bool;

    fn resource(&self) -> &'static str;

    /// Whether it consists of exits that report themselves.
    fn is_whole(&self) -> bool;

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
        let mut polled = DroppedByPanic(self.project().exit);
        let ended = match polled.0.as_mut().as_pin_mut() {
            Some(exit) => exit.poll(cx),
            None => unreachable!("an exit that has ended elsewhere is not polled in place"),
        };
        mem::forget(polled);
        ended
    }

    fn runs(&self) -> bool {
        self.exit.is_some()
    }

    fn resource(&self) -> &'static str {
        self.resource
    }

    fn is_whole(&self) -> bool {
        self.is_whole
    }

    fn hand_over(mut self: Pin<Box<Self>>, has_begun: bool) -> HandedOver {
        let this = self.as_mut().project();
        *this.guard = Some(if has_begun {
            ExitGuard::of_begun(this.resource)
        } else {
            ExitGuard::of(this.resource)
        });
        HandedOver::anywhere(self)
    }
}

/// Drops an exit that panics, so that it is not handed over. A panic of its destructor is dropped,
/// as the first one counts.
struct DroppedByPanic<'a, F>(Pin<&'a mut Option<F>>);

impl<F> Drop for DroppedByPanic<'_, F> {
    fn drop(&mut self) {
        panic::contain(|| self.0.set(None));
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
        let (Some(exit), Some(guard)) = (this.exit.as_mut().as_pin_mut(), this.guard) else {
            return Poll::Ready(None);
        };
        let polled = guard.run(|| match panic::catch(|| exit.poll(cx)) {
            Ok(polled) => polled.map(Ok),
            Err(payload) => Poll::Ready(Err(payload)),
        });
        polled.map(|ended| {
            let ended = first_panic(ended, panic::catch(|| this.exit.set(None)));
            guard.end(ended);
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
        self.resource
    }

    fn set_hung(self: Pin<&mut Self>) {
        if let Some(guard) = self.project().guard {
            guard.set_hung();
        }
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

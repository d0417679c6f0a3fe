//! The spans and events of the crate `tracing`.

use core::fmt::Debug;
use core::task::Poll;
use std::boxed::Box;

use tracing::level_filters::LevelFilter;
use tracing::span::Entered;
use tracing::{Level, Span, event, event_enabled, span};

use crate::util::panic::{self, Payload};
use crate::util::short_name::Short;

/// The target of all spans and events. The macros of `tracing` want a constant.
const TARGET: &str = "forwith";

/// The span of a phase.
///
/// It lies in a box, so that it takes one word of the future. Without a subscriber that listens it
/// is `None`, and nothing is allocated.
#[derive(Default)]
pub struct Trace(Option<Box<Span>>);

/// Opens the span of an enter, by the type that it gives.
#[inline]
pub(super) fn enter(resource: &str) -> Trace {
    Trace::of(|| span!(target: TARGET, Level::DEBUG, "enter", resource = %Short(resource)))
}

/// Opens the span of a body.
#[inline]
pub(crate) fn body(resource: &str) -> Trace {
    Trace::of(|| span!(target: TARGET, Level::DEBUG, "body", resource = %Short(resource)))
}

/// Opens the span of an exit.
#[inline]
pub(crate) fn exit(resource: &str, outcome: impl FnOnce() -> &'static str) -> Trace {
    Trace::of(|| {
        span!(
            target: TARGET,
            Level::DEBUG,
            "exit",
            resource = %Short(resource),
            outcome = %outcome(),
        )
    })
}

impl Trace {
    /// Opens a span. Without a subscriber this is a look at one number.
    #[inline]
    fn of(span: impl FnOnce() -> Span) -> Self {
        if LevelFilter::current() < LevelFilter::DEBUG {
            return Trace(None);
        }
        Self::boxed(span)
    }

    #[cold]
    fn boxed(span: impl FnOnce() -> Span) -> Self {
        let span = span();
        Trace((!span.is_disabled()).then(|| Box::new(span)))
    }

    /// The span that is current, to be kept.
    #[cold]
    pub(crate) fn current() -> Self {
        Trace::of(Span::current)
    }

    /// Closes the span.
    #[inline]
    pub(crate) fn close(self) {
        drop(self);
    }

    /// Enters the span until the value is dropped, for one poll.
    #[inline]
    pub(crate) fn entered(&self) -> Option<Entered<'_>> {
        self.0.as_deref().map(Span::enter)
    }

    /// Runs `f`, such as one poll, in the span.
    #[inline]
    pub(crate) fn run<T>(&self, f: impl FnOnce() -> T) -> T {
        let _entered = self.entered();
        f()
    }

    /// Records that an enter has failed.
    #[cold]
    pub(crate) fn failed(&self, error: &dyn Debug) {
        self.run(|| failed(error));
    }

    /// Runs one poll of an exit in the span, and records there how it fails.
    #[inline]
    pub(crate) fn run_exit<E: Debug>(
        &self,
        poll: impl FnOnce() -> Poll<Result<Result<(), E>, Payload>>,
    ) -> Poll<Result<Result<(), E>, Payload>> {
        self.run(|| {
            let polled = poll();
            match &polled {
                Poll::Pending | Poll::Ready(Ok(Ok(()))) => {}
                Poll::Ready(Ok(Err(error))) => failed(error),
                Poll::Ready(Err(payload)) => panicked(panic::message(payload)),
            }
            polled
        })
    }
}

/// Records that the phase has failed. A panic of the error's `Debug` is discarded.
#[cold]
fn failed(error: &dyn Debug) {
    panic::contain(|| event!(name: "fail", target: TARGET, Level::DEBUG, ?error, "failed"));
}

#[cold]
fn panicked(message: &str) {
    event!(name: "fail", target: TARGET, Level::DEBUG, error = message, "panicked");
}

/// Records that an enter or an exit is dropped before its end. To be called in its span.
#[cold]
pub(crate) fn dropped() {
    event!(name: "drop", target: TARGET, Level::DEBUG, "dropped before its end");
}

/// Records that an exit goes on in a reaper. To be called in its span.
#[cold]
pub(crate) fn outlives() {
    event!(name: "outlive", target: TARGET, Level::DEBUG, "dropped, and goes on in the reaper");
}

/// Records that a body is cancelled by the scope around.
#[cold]
pub(crate) fn body_is_cancelled(resource: &str) {
    let resource = Short(resource);
    event!(name: "cancel", target: TARGET, Level::DEBUG, %resource, "body cancelled");
}

/// Records that the stop of a scope has fired.
#[cold]
pub(crate) fn scope_is_stopped() {
    event!(name: "cancel", target: TARGET, Level::DEBUG, "scope stopped");
}

/// Records that a resource is dropped before its exit began.
#[cold]
pub(crate) fn abandoned(resource: &str) {
    event!(name: "abandon", target: TARGET, Level::DEBUG, resource = %Short(resource), "abandoned");
}

/// Records that a loop yields to the scheduler.
#[cold]
pub(crate) fn yields(after: u32) {
    event!(name: "yield", target: TARGET, Level::TRACE, items = after, "yields to the others");
}

/// Records an exit that went wrong. Returns whether a subscriber has listened.
pub(crate) fn exit_error(
    kind: &str,
    resource: &str,
    text: &str,
    error: Option<&dyn Debug>,
) -> bool {
    if !event_enabled!(target: TARGET, Level::ERROR) {
        return false;
    }
    event!(
        name: "exit_error",
        target: TARGET,
        Level::ERROR,
        resource = %Short(resource),
        error = error.map(tracing::field::debug),
        kind = %kind,
        "{text}",
    );
    true
}

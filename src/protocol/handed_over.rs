//! Exits that abandoned resources hand over.

use core::fmt::Debug;
use core::future::{Future, poll_fn};
use core::ops::ControlFlow;
use core::pin::{Pin, pin};
use core::task::{Context, Poll};
use std::boxed::Box;
use std::vec::Vec;

use crate::cancel::{report_cut, report_error, report_lost, report_panic};
use crate::observe::{self, Trace};
use crate::util::begin::begin;
use crate::util::crowd::Crowd;
use crate::util::panic::Payload;

/// A future for any thread.
type Boxed = Pin<Box<dyn Future<Output = ()> + Send>>;
/// A future for the thread that made it.
type LocalBoxed = Pin<Box<dyn Future<Output = ()>>>;

/// An exit, or several that run together, for a reaper. It reports itself what goes wrong.
pub(crate) enum HandedOver {
    /// It may run on any thread.
    Anywhere(Boxed),
    /// It must stay on this thread.
    Here(LocalBoxed),
}

/// What an abandoned resource has said of its exit.
pub(crate) enum Handed {
    /// Nothing so far.
    Nothing,
    /// It has reported itself as lost.
    Lost,
    /// It has handed over its exit, or those of its parts, of which there may be none.
    Over(Option<HandedOver>),
}

impl HandedOver {
    pub(crate) fn new<F, E>(resource: &'static str, exit: F) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Debug + 'static,
    {
        HandedOver::Anywhere(Box::pin(run_and_report(ExitGuard::of(resource), exit)))
    }

    pub(crate) fn new_local<F, E>(resource: &'static str, exit: F) -> Self
    where
        F: Future<Output = Result<(), E>> + 'static,
        E: Debug + 'static,
    {
        HandedOver::Here(Box::pin(run_and_report(ExitGuard::of(resource), exit)))
    }

    /// Runs the exits of the inner resources, side by side, and then this one.
    pub(crate) fn after(self, inner: Vec<HandedOver>) -> Self {
        match HandedOver::side_by_side(inner) {
            Some(inner) => HandedOver::chain(std::vec![inner, self]),
            None => self,
        }
    }

    /// Runs exits one after the other; only one is polled at a time. Without any there is `None`.
    pub(crate) fn in_turn(mut exits: Vec<HandedOver>) -> Option<Self> {
        match exits.len() {
            0 | 1 => exits.pop(),
            _ => Some(HandedOver::chain(exits)),
        }
    }

    fn chain(exits: Vec<HandedOver>) -> Self {
        match unify(exits) {
            Ok(anywhere) => HandedOver::Anywhere(Box::pin(in_sequence(anywhere))),
            Err(here) => HandedOver::Here(Box::pin(in_sequence(here))),
        }
    }

    /// Runs exits side by side. Without any there is `None`.
    pub(crate) fn side_by_side(mut exits: Vec<HandedOver>) -> Option<Self> {
        if exits.len() < 2 {
            return exits.pop();
        }
        Some(match unify(exits) {
            Ok(anywhere) => HandedOver::Anywhere(Box::pin(SideBySide::of(anywhere))),
            Err(here) => HandedOver::Here(Box::pin(SideBySide::of(here))),
        })
    }

    pub(crate) fn into_local(self) -> LocalBoxed {
        match self {
            HandedOver::Anywhere(exit) => exit,
            HandedOver::Here(exit) => exit,
        }
    }
}

/// Awaits an exit, and reports its failure.
async fn run_and_report<F, E>(mut guard: ExitGuard, exit: F)
where
    F: Future<Output = Result<(), E>>,
    E: Debug,
{
    let mut exit = pin!(begin(|| exit));
    let ended = poll_fn(|cx| guard.run(|| exit.as_mut().poll(cx))).await;
    guard.end(ended);
}

/// Reports how an exit ends in a reaper, and one that is dropped before.
pub(crate) struct ExitGuard {
    resource: &'static str,
    /// The span of the exit. Its parent is the span around the hand-over, wherever the exit runs.
    trace: Trace,
    /// Whether it has been polled by the reaper.
    polled: bool,
    begun: bool,
    /// Whether there is nothing to report any more, or not yet.
    quiet: bool,
}

impl ExitGuard {
    pub(crate) fn of(resource: &'static str) -> Self {
        ExitGuard {
            resource,
            trace: observe::exit(resource, || "Abandoned"),
            polled: false,
            begun: false,
            quiet: false,
        }
    }

    /// A guard of an exit that is awaited where it began, which needs none yet.
    #[inline]
    pub(crate) fn in_place(resource: &'static str) -> Self {
        ExitGuard {
            resource,
            trace: Trace::default(),
            polled: false,
            begun: false,
            quiet: true,
        }
    }

    /// Says that the exit goes to a reaper. One that has begun stays in the span that is current.
    pub(crate) fn set_elsewhere(&mut self, has_begun: bool) {
        let resource = self.resource;
        self.trace = if has_begun {
            Trace::current()
        } else {
            observe::exit(resource, || "Abandoned")
        };
        self.begun = has_begun;
        self.quiet = false;
    }

    /// Says that there is nothing to report any more.
    pub(crate) fn set_quiet(&mut self) {
        self.quiet = true;
    }

    pub(crate) const fn resource(&self) -> &'static str {
        self.resource
    }

    /// Runs one poll of the exit in a reaper.
    pub(crate) fn run<E: Debug>(
        &mut self,
        poll: impl FnOnce() -> Poll<Result<Result<(), E>, Payload>>,
    ) -> Poll<Result<Result<(), E>, Payload>> {
        if !self.polled {
            self.polled = true;
            self.begun = true;
            observe::exiting(self.resource);
        }
        self.trace.run_exit(poll)
    }

    /// Reports the end of the exit.
    pub(crate) fn end<E: Debug>(&mut self, ended: Result<Result<(), E>, Payload>) {
        self.quiet = true;
        observe::exited(self.resource);
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.trace.run(|| report_error(self.resource, &error)),
            Err(payload) => self.trace.run(|| report_panic(self.resource, payload)),
        }
    }
}

impl Drop for ExitGuard {
    fn drop(&mut self) {
        if self.quiet {
            return;
        }
        self.trace.run(|| {
            if self.begun {
                observe::cut(self.resource);
                report_cut(self.resource);
            } else {
                observe::lost();
                report_lost(self.resource);
            }
        });
    }
}

/// Brings exits to one type: if one of them must stay on this thread, all of them do.
fn unify(exits: Vec<HandedOver>) -> Result<Vec<Boxed>, Vec<LocalBoxed>> {
    if exits.iter().any(|exit| matches!(exit, HandedOver::Here(_))) {
        return Err(exits.into_iter().map(HandedOver::into_local).collect());
    }
    let anywhere = exits.into_iter().filter_map(|exit| match exit {
        HandedOver::Anywhere(exit) => Some(exit),
        HandedOver::Here(_) => None,
    });
    Ok(anywhere.collect())
}

/// Awaits futures one after the other.
async fn in_sequence(exits: Vec<impl Future<Output = ()>>) {
    for exit in exits {
        exit.await;
    }
}

/// Awaits futures side by side.
struct SideBySide<F>(Crowd<Option<F>>);

impl<F> SideBySide<F> {
    fn of(exits: Vec<F>) -> Self {
        SideBySide(Crowd::new(exits.into_iter().map(Some).collect()))
    }
}

impl<F: Future<Output = ()> + Unpin> Future for SideBySide<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll(cx, |place, cx| {
            let polled = match place {
                Some(future) => Pin::new(future).poll(cx),
                None => Poll::Ready(()),
            };
            if polled.is_ready() {
                *place = None;
            }
            ControlFlow::Continue(polled)
        })
    }
}

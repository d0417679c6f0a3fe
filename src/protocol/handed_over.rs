//! An exit that was handed over.

use core::fmt::Debug;
use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::{Context, Poll};
use std::boxed::Box;
use std::vec::Vec;

use crate::cancel::{report_cut, report_error, report_lost, report_panic};
use crate::observe::{self, Trace};
use crate::util::begin::begin;

/// A future of some type.
type Boxed = Pin<Box<dyn Future<Output = ()> + Send>>;
type LocalBoxed = Pin<Box<dyn Future<Output = ()>>>;

/// An exit, or several that belong together. It tells of what goes wrong itself.
pub(crate) enum HandedOver {
    /// May go to another thread.
    Anywhere(Boxed),
    /// Must stay on this one.
    Here(LocalBoxed),
}

impl HandedOver {
    pub(crate) fn new<F, E>(resource: &'static str, exit: F) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Debug + 'static,
    {
        HandedOver::Anywhere(Box::pin(told(Fate::of(resource), exit)))
    }

    pub(crate) fn new_local<F, E>(resource: &'static str, exit: F) -> Self
    where
        F: Future<Output = Result<(), E>> + 'static,
        E: Debug + 'static,
    {
        HandedOver::Here(Box::pin(told(Fate::of(resource), exit)))
    }

    /// First those of the resources further in, side by side, then this one.
    pub(crate) fn after(self, inner: Vec<HandedOver>) -> Self {
        match HandedOver::side_by_side(inner) {
            Some(inner) => HandedOver::chain(std::vec![inner, self]),
            None => self,
        }
    }

    /// One after the other, if there are any. However many they are, only one of them is polled.
    pub(crate) fn in_turn(mut exits: Vec<HandedOver>) -> Option<Self> {
        match exits.len() {
            0 | 1 => exits.pop(),
            _ => Some(HandedOver::chain(exits)),
        }
    }

    fn chain(exits: Vec<HandedOver>) -> Self {
        match together(exits) {
            Ok(anywhere) => HandedOver::Anywhere(Box::pin(each(anywhere))),
            Err(here) => HandedOver::Here(Box::pin(each(here))),
        }
    }

    fn side_by_side(mut exits: Vec<HandedOver>) -> Option<Self> {
        if exits.len() < 2 {
            return exits.pop();
        }
        Some(match together(exits) {
            Ok(anywhere) => HandedOver::Anywhere(Box::pin(All::of(anywhere))),
            Err(here) => HandedOver::Here(Box::pin(All::of(here))),
        })
    }

    pub(crate) fn into_local(self) -> LocalBoxed {
        match self {
            HandedOver::Anywhere(exit) => exit,
            HandedOver::Here(exit) => exit,
        }
    }
}

/// Awaits an exit and tells of how it fails.
async fn told<F, E>(mut fate: Fate, exit: F)
where
    F: Future<Output = Result<(), E>>,
    E: Debug,
{
    fate.begun = true;
    observe::exiting(fate.resource);
    let mut exit = pin!(begin(|| exit));
    let ended = poll_fn(|cx| fate.trace.run_exit(|| exit.as_mut().poll(cx))).await;
    fate.ended = true;
    observe::exited(fate.resource);
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(error)) => fate.trace.run(|| report_error(fate.resource, &error)),
        Err(payload) => fate.trace.run(|| report_panic(fate.resource, payload)),
    }
}

/// Tells of an exit that is dropped before its end.
struct Fate {
    resource: &'static str,
    /// Its parent is the span around at the hand-over, wherever the exit runs.
    trace: Trace,
    begun: bool,
    ended: bool,
}

impl Fate {
    fn of(resource: &'static str) -> Self {
        Fate {
            resource,
            trace: observe::exit(resource, || "Abandoned"),
            begun: false,
            ended: false,
        }
    }
}

impl Drop for Fate {
    fn drop(&mut self) {
        if self.ended {
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

/// They go to another thread together, or, where one of them must stay on this one, none of them does.
fn together(exits: Vec<HandedOver>) -> Result<Vec<Boxed>, Vec<LocalBoxed>> {
    if exits.iter().any(|exit| matches!(exit, HandedOver::Here(_))) {
        return Err(exits.into_iter().map(HandedOver::into_local).collect());
    }
    let anywhere = exits.into_iter().filter_map(|exit| match exit {
        HandedOver::Anywhere(exit) => Some(exit),
        HandedOver::Here(_) => None,
    });
    Ok(anywhere.collect())
}

/// Awaits them one after the other.
async fn each(exits: Vec<impl Future<Output = ()>>) {
    for exit in exits {
        exit.await;
    }
}

/// Awaits them all, side by side. They are few: each is polled whenever one is woken.
struct All<F>(Vec<Option<F>>);

impl<F> All<F> {
    fn of(exits: Vec<F>) -> Self {
        All(exits.into_iter().map(Some).collect())
    }
}

impl<F: Future<Output = ()> + Unpin> Future for All<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut ended = true;
        for place in &mut self.0 {
            if let Some(future) = place {
                if Pin::new(future).poll(cx).is_ready() {
                    *place = None;
                } else {
                    ended = false;
                }
            }
        }
        if ended {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

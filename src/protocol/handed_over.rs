//! Exits that abandoned resources hand over.

use core::fmt::Debug;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::boxed::Box;
use std::vec::Vec;

use pin_project_lite::pin_project;

use super::exit_guard::ExitGuard;
use super::exits::Exits;
use crate::report::labels::{self, Labels};
use crate::util::begin::{Begun, begin};

/// An exit for a reaper: a future that reports itself what goes wrong, and never panics. It gives
/// the exits that run in its place.
pub(crate) trait Exit: Future<Output = Option<HandedOver>> {
    /// The name of the resource.
    fn resource(&self) -> &'static str;

    /// Says that it is about to be dropped, because it has taken too long.
    fn set_hung(self: Pin<&mut Self>);
}

/// An exit for any thread.
pub(crate) type Boxed = Pin<Box<dyn Exit + Send>>;
/// An exit for the thread that made it.
pub(crate) type LocalBoxed = Pin<Box<dyn Exit>>;

/// An exit, with the labels around the drop that handed it over.
pub(crate) struct Labelled<F> {
    pub(crate) exit: F,
    pub(crate) labels: Labels,
}

impl<F> Labelled<F> {
    fn new(exit: F) -> Exits<Self> {
        let labels = labels::current();
        Exits::One(Labelled { exit, labels })
    }
}

/// An exit, or several that run together, for a reaper.
pub(crate) enum HandedOver {
    /// It may run on any thread.
    Anywhere(Exits<Labelled<Boxed>>),
    /// It must stay on this thread.
    Here(Exits<Labelled<LocalBoxed>>),
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
        HandedOver::anywhere(Box::pin(Reported::new(resource, exit)))
    }

    pub(crate) fn new_local<F, E>(resource: &'static str, exit: F) -> Self
    where
        F: Future<Output = Result<(), E>> + 'static,
        E: Debug + 'static,
    {
        HandedOver::Here(Labelled::new(Box::pin(Reported::new(resource, exit))))
    }

    /// Hands over an exit that reports itself.
    pub(crate) fn anywhere(exit: Boxed) -> Self {
        HandedOver::Anywhere(Labelled::new(exit))
    }

    /// Runs the exits of the inner resources, side by side, and then this one.
    pub(crate) fn after(self, inner: Vec<HandedOver>) -> Self {
        let inner = match unify(inner) {
            Ok(anywhere) => Exits::side_by_side(anywhere).map(HandedOver::Anywhere),
            Err(here) => Exits::side_by_side(here).map(HandedOver::Here),
        };
        match inner {
            Some(inner) => HandedOver::chain(inner, self),
            None => self,
        }
    }

    fn chain(first: HandedOver, second: HandedOver) -> Self {
        match (first, second) {
            (HandedOver::Anywhere(first), HandedOver::Anywhere(second)) => {
                HandedOver::Anywhere(Exits::InTurn([first, second].into()))
            }
            (first, second) => {
                let exits = [first.into_local(), second.into_local()];
                HandedOver::Here(Exits::InTurn(exits.into()))
            }
        }
    }

    /// Runs exits one after the other; only one is polled at a time. Without any there is `None`.
    pub(crate) fn in_turn(exits: Vec<HandedOver>) -> Option<Self> {
        match unify(exits) {
            Ok(anywhere) => Exits::in_turn(anywhere).map(HandedOver::Anywhere),
            Err(here) => Exits::in_turn(here).map(HandedOver::Here),
        }
    }

    pub(crate) fn into_local(self) -> Exits<Labelled<LocalBoxed>> {
        match self {
            HandedOver::Anywhere(exits) => exits.map(&mut |Labelled { exit, labels }| Labelled {
                exit: exit as LocalBoxed,
                labels,
            }),
            HandedOver::Here(exits) => exits,
        }
    }
}

/// Brings exits to one type: if one of them must stay on this thread, all of them do.
#[expect(clippy::type_complexity, reason = "two vectors")]
fn unify(
    exits: Vec<HandedOver>,
) -> Result<Vec<Exits<Labelled<Boxed>>>, Vec<Exits<Labelled<LocalBoxed>>>> {
    if exits.iter().any(|exit| matches!(exit, HandedOver::Here(_))) {
        return Err(exits.into_iter().map(HandedOver::into_local).collect());
    }
    let anywhere = exits.into_iter().filter_map(|exit| match exit {
        HandedOver::Anywhere(exit) => Some(exit),
        HandedOver::Here(_) => None,
    });
    Ok(anywhere.collect())
}

pin_project! {
    /// An exit whose failure is reported.
    struct Reported<F> {
        #[pin]
        exit: Begun<F>,
        // Dropped behind the exit.
        guard: ExitGuard,
    }
}

impl<F> Reported<F> {
    fn new(resource: &'static str, exit: F) -> Self {
        Reported {
            exit: begin(|| exit),
            guard: ExitGuard::of(resource),
        }
    }
}

impl<F, E> Future for Reported<F>
where
    F: Future<Output = Result<(), E>>,
    E: Debug,
{
    type Output = Option<HandedOver>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let ended = ready!(this.guard.run(|| this.exit.poll(cx)));
        this.guard.end(ended);
        Poll::Ready(None)
    }
}

impl<F, E> Exit for Reported<F>
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

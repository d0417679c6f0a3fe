//! An exit in the future that awaits it.

use core::fmt::{self, Debug};
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::boxed::Box;

use super::in_flight::{InFlight, Move};
use super::whole::tell_whole_dropped;
use crate::protocol::handed_over::HandedOver;
use crate::{observe, reaper};

/// The future of an exit that owns all it needs. When it is dropped before it is ready, the exit
/// goes on in the [reaper](crate::reaper).
///
/// The exit of every [`OwnedExit`](crate::OwnedExit) is one, and of what this crate makes of other
/// values.
#[must_use = "an exit is awaited, or it goes to the reaper"]
pub struct Outliving<E> {
    /// `None` once it has ended or was handed over, and where there is nothing to exit.
    exit: Option<Pin<Box<dyn Move<E>>>>,
}

impl<E> Outliving<E> {
    /// Boxes an exit.
    #[inline]
    pub(crate) fn new<F>(resource: &'static str, exit: F) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Debug,
    {
        Outliving {
            exit: Some(Box::pin(InFlight::new(resource, exit))),
        }
    }

    /// Boxes an exit that consists of others, which report themselves. Where there is no reaper, it
    /// is dropped with them, and reports nothing more.
    pub(crate) fn of_whole<F>(resource: &'static str, exit: F) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Debug,
    {
        Outliving {
            exit: Some(Box::pin(InFlight::of_whole(resource, exit))),
        }
    }

    /// The exit of a resource that holds nothing any more.
    pub(crate) const fn ended() -> Self {
        Outliving { exit: None }
    }

    /// The name of the resource.
    pub(crate) fn resource(&self) -> &'static str {
        self.exit.as_ref().map_or("", |exit| exit.resource())
    }

    /// Makes the exit a part of another one, which is handed over as a whole.
    pub(crate) fn into_part(mut self) -> Part<E> {
        Part(self.exit.take())
    }

    /// Makes the exit one that begins in a reaper.
    pub(super) fn into_handed_over(mut self) -> Option<HandedOver> {
        let exit = self.exit.take()?;
        (!is_lost_with_its_parts(&*exit)).then(|| exit.hand_over(false))
    }
}

/// Whether no reaper takes it, and its parts tell that.
fn is_lost_with_its_parts<E>(exit: &dyn Move<E>) -> bool {
    exit.is_whole() && !reaper::has_reaper()
}

/// Hands an exit over, unless it has panicked.
#[cold]
#[inline(never)]
fn go_on<E>(exit: Pin<Box<dyn Move<E>>>) {
    if !exit.runs() {
        return;
    }
    let resource = exit.resource();
    if is_lost_with_its_parts(&*exit) {
        tell_whole_dropped(resource, false);
        return;
    }
    reaper::go_on(resource, || {
        if reaper::has_reaper() {
            observe::outlives(resource);
        }
        exit.hand_over(true)
    });
}

impl<E> Future for Outliving<E> {
    type Output = Result<(), E>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(exit) = &mut self.exit else {
            return Poll::Ready(Ok(())); // there was nothing to exit
        };
        let ended = exit.as_mut().poll_in_place(cx);
        if ended.is_ready() {
            self.exit = None;
        }
        ended
    }
}

impl<E> Drop for Outliving<E> {
    #[inline]
    fn drop(&mut self) {
        if let Some(exit) = self.exit.take() {
            go_on(exit);
        }
    }
}

/// An exit as a part of another one. When it is dropped, it does not go on by itself, and reports
/// nothing: that is for the other one.
pub(crate) struct Part<E>(Option<Pin<Box<dyn Move<E>>>>);

impl<E> Future for Part<E> {
    type Output = Result<(), E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Some(exit) => exit.as_mut().poll_in_place(cx),
            None => unreachable!("only an exit that has not been handed over becomes a part"),
        }
    }
}

impl<E> fmt::Debug for Outliving<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outliving").finish_non_exhaustive()
    }
}

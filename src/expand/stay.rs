//! What body and exit of a resource have in common.

use core::any::type_name;
use core::convert::Infallible;
use core::future::Future;
use core::marker::PhantomData;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::departure::{Departed, Leaving};
use super::end::End;
use crate::cancel::Member;
use crate::observe::{self, Trace};
use crate::protocol::{AsyncExit, Outcome};

/// The stay in a resource, from its body's beginning to its exit's end.
pub struct Stay<R> {
    /// How the body has left.
    pub(super) leaving: Leaving,
    /// The span of the body, and then of the exit.
    pub(super) trace: Trace,
    resource: PhantomData<fn(R)>,
}

impl<R: AsyncExit> Stay<R> {
    /// The body begins.
    #[inline]
    pub(super) fn begin() -> Self {
        Stay {
            leaving: Leaving::new(),
            trace: observe::body(type_name::<R>()),
            resource: PhantomData,
        }
    }

    /// As a member of the scope around: it has not joined yet.
    #[inline]
    pub fn member(&self) -> Member {
        Member::default()
    }

    /// The body has ended so, and the exit begins. It is told this.
    #[inline]
    pub fn outcome<'a, T>(&mut self, end: &'a End<T>) -> Outcome<'a> {
        let outcome = end.outcome(&self.leaving);
        mem::take(&mut self.trace).close();
        self.trace = observe::exit(type_name::<R>(), || outcome.name());
        if observe::exiting(type_name::<R>()) {
            self.leaving.set_watched();
        }
        outcome
    }
}

/// Notes that the body has left.
#[inline]
pub fn leave<R>(departed: Departed, stay: &Stay<R>) -> Gone {
    stay.leaving.set(departed);
    Gone
}

/// What a body that has left awaits: it is never ready, for the body is dropped there.
#[derive(Debug)]
#[must_use = "a body leaves only where this is awaited"]
pub struct Gone;

impl Future for Gone {
    type Output = Infallible;

    #[inline]
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Infallible> {
        Poll::Pending
    }
}

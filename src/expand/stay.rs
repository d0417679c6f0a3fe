//! The state that a body and the exit behind it share.

use core::any::type_name;
use core::marker::PhantomData;
use core::mem;

use super::departure::{Departed, Departure};
use super::end::End;
use super::exiting::Exiting;
use super::held::Held;
use crate::cancel::Member;
use crate::observe::{self, Trace};
use crate::protocol::{AsyncExit, Outcome};
use crate::util::begin::begin;
use crate::util::gone::Gone;

/// A stay in a resource: from the beginning of the body to the end of the exit.
pub struct Stay<R> {
    pub(super) departure: Departure,
    /// The span of the body, and then of the exit.
    pub(super) trace: Trace,
    resource: PhantomData<fn(R)>,
}

impl<R: AsyncExit> Stay<R> {
    /// Begins with the body.
    #[inline]
    pub(super) fn begin() -> Self {
        Stay {
            departure: Departure::none(),
            trace: observe::body(type_name::<R>()),
            resource: PhantomData,
        }
    }

    /// Begins the exit, behind a body that has ended. Gives the outcome that the exit is told.
    #[inline]
    fn begin_exit<'a, T>(&mut self, end: &'a mut End<T>, member: &mut Member) -> Outcome<'a> {
        let outcome = if self.departure.has_completed() {
            Outcome::Completed
        } else {
            end.settle_outcome(&mut self.departure, member)
        };
        mem::take(&mut self.trace).close();
        self.trace = observe::exit(type_name::<R>(), || outcome.name());
        if observe::exiting(type_name::<R>()) {
            self.departure.set_watched();
        }
        outcome
    }

    /// Tells a probe that watches the exit that it has ended.
    #[inline]
    pub(super) fn tell_exited(&mut self) {
        self.departure.tell_exited(type_name::<R>());
    }
}

/// Begins the exit of a resource, behind a body that has ended. `exit` is [`AsyncExit::exit`].
///
/// `F` is a parameter, and `exit` the function that gives it. Behind an `impl Future`, a task would
/// be `Send` only where that is so for all lifetimes at once.
#[inline]
pub fn begin_exit<'a, 'e, R, T, F>(
    held: Held<R>,
    stay: &'a mut Stay<R>,
    end: &'e mut End<T>,
    member: &'a mut Member,
    exit: impl FnOnce(R, Outcome<'e>) -> F,
) -> Exiting<'a, R, F>
where
    R: AsyncExit,
{
    let resource = held.release();
    let outcome = stay.begin_exit(end, member);
    Exiting {
        exit: begin(|| exit(resource, outcome)),
        stay,
        member,
    }
}

/// Departs from a body.
#[inline]
pub fn leave<R>(departed: Departed, stay: &Stay<R>) -> Gone {
    stay.departure.set(departed);
    Gone
}

//! What body and exit of a resource have in common.

use core::any::type_name;
use core::marker::PhantomData;
use core::mem;

use super::body::End;
use super::leaving::Leaving;
use crate::cancel::Member;
use crate::trace::{self, Trace};
use crate::{AsyncExit, Outcome};

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
            trace: trace::body(type_name::<R>()),
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
        self.trace = trace::exit(type_name::<R>(), || outcome);
        outcome
    }
}

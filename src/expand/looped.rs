//! The dispatch of `async_for!`: by the concrete type, a loop goes over a stream or over a source.
//!
//! A trait for both is impossible: the blanket impl for streams forbids one for types of other
//! crates, which might become streams. So the loop calls a method, and the compiler looks for it:
//!
//! 1. inherent, for what is [`IntoStream`]: where the type is not known yet, too, so that inference
//!    is as if there were streams alone;
//! 2. of [`SourceLoop`], for what is a [`Source`];
//! 3. of [`StreamOrSource`], for the rest, which takes a reference, so it is found last. Its bound
//!    is not fulfilled, and that is the error.
//!
//! The method takes the value and not a reference, which would keep a second copy of it in the
//! future around.

use core::marker::PhantomData;
use core::pin::Pin;
use core::task::Poll;

use super::items::{Cx, Items, NextPoll, Until, items};
#[cfg(feature = "std")]
use super::returns::Returns;
use super::turns::{Turns, turns};
#[cfg(feature = "std")]
use crate::concurrent::{Collect, Crew, Fetched, Limit, Ways};
use crate::protocol::{IntoStream, Source};

/// A value that a loop goes over, before it is known which kind it is.
#[derive(Debug)]
#[must_use = "a loop asks it for items"]
pub struct Looped<C, const EVERY: u32>(C);

/// Takes the value that a loop goes over.
#[inline]
pub fn looped<const EVERY: u32, C>(value: C) -> Looped<C, EVERY> {
    Looped(value)
}

impl<C: IntoStream, const EVERY: u32> Looped<C, EVERY> {
    /// The items of a stream.
    ///
    /// `S` is a parameter of its own. An `impl Stream` would do the same, but then a task that
    /// holds it is `Send` only if it is for all lifetimes at once, which a closure over one
    /// lifetime is not.
    #[inline]
    pub fn __forwith_items<S>(self) -> Items<S, EVERY>
    where
        C: IntoStream<IntoStream = S>,
    {
        items(self.0)
    }
}

/// Loops over a source.
pub trait SourceLoop {
    /// What gives the items.
    type Turns;

    /// The items of a source.
    fn __forwith_items(self) -> Self::Turns;
}

impl<S: Source, const EVERY: u32> SourceLoop for Looped<S, EVERY> {
    type Turns = Turns<S, EVERY>;

    #[inline]
    fn __forwith_items(self) -> Turns<S, EVERY> {
        turns(self.0)
    }
}

/// What `async_for!` loops over. The trait is found for what is neither.
pub trait StreamOrSource<C> {
    /// Never called, because the bound is not fulfilled.
    fn __forwith_items<T>(&self) -> Neither<T>
    where
        C: IntoStream;
}

impl<C, const EVERY: u32> StreamOrSource<C> for Looped<C, EVERY> {
    fn __forwith_items<T>(&self) -> Neither<T>
    where
        C: IntoStream,
    {
        unreachable!("a stream has an inherent method")
    }
}

/// Has what a loop calls, and says nothing of its items: so that the compiler does not complain
/// about the code that follows.
#[derive(Debug)]
pub struct Neither<T>(PhantomData<T>);

#[expect(clippy::unused_self, reason = "called as methods of a stream are")]
impl<T> Neither<T> {
    /// As that of a stream.
    ///
    /// # Safety
    ///
    /// Never called.
    #[allow(unsafe_code, reason = "has the signature that a stream needs")]
    pub const unsafe fn __forwith_poll_next(&self, _cx: Cx) -> Poll<Option<T>> {
        Poll::Pending
    }

    /// As that of a stream.
    #[cfg(feature = "std")]
    pub fn __forwith_crew<'d, M, F, R, C>(
        &self,
        limit: Limit,
        collect: C,
        ways: &'d Ways,
        _: Returns<R>,
        make: M,
    ) -> Crew<'d, M, F, C>
    where
        M: FnMut(Fetched<T, R>) -> F,
        F: Future<Output = R>,
        C: Collect,
    {
        Crew::new(limit, collect, ways, make)
    }

    /// As that of a stream.
    pub const fn __forwith_wait(&self) -> NextPoll {
        NextPoll::new()
    }

    /// As that of a stream.
    pub fn __forwith_wait_until<F>(&self, _until: Pin<&mut Until<F>>) -> NextPoll {
        NextPoll::new()
    }
}

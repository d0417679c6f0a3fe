//! A resource between its enter and its exit.

use core::fmt::Debug;

use super::bound::ToBind;
use super::stay::Stay;
use crate::cancel::Member;
use crate::observe::Entering;
use crate::protocol::{AsyncEnter, AsyncExit};
use crate::reaper;
use crate::util::never::never;

/// A resource while its body runs. It is abandoned when this is dropped.
pub struct Held<R: AsyncExit> {
    /// `None` only while this is dropped or moved from.
    resource: Option<R>,
}

/// Checks that a value can be entered.
///
/// `R` is a parameter of its own. So it stays unknown where `E` cannot be entered, and the compiler
/// does not complain about the code that follows.
#[inline]
pub fn enterable<E, R>(enter: E) -> E
where
    E: AsyncEnter<Resource = R>,
    R: AsyncExit,
{
    enter
}

/// Holds what an enter has given.
///
/// # Errors
///
/// With the error of the enter.
#[inline]
pub fn hold<R, X, T>(entered: Result<R, X>, entering: Entering<T>) -> Result<Held<R>, X>
where
    R: AsyncExit<Error = X>,
    X: Debug,
{
    entering.end(&entered);
    entered.map(|resource| Held {
        resource: Some(resource),
    })
}

impl<R: AsyncExit> Held<R> {
    /// The resource, for the body.
    #[inline]
    pub fn resource(&mut self) -> ToBind<'_, R> {
        ToBind(self.resource.as_mut().unwrap_or_else(|| never()))
    }

    /// Begins the stay in the resource.
    #[inline]
    pub fn stay(&self) -> Stay<R> {
        Stay::begin()
    }

    /// A member for body and exit, which has not joined a scope yet.
    #[inline]
    pub fn member(&self) -> Member {
        #[cfg(feature = "std")]
        if let Some(stop) = self.resource.as_ref().and_then(R::body_stop) {
            return Member::stopped_by(&stop);
        }
        Member::default()
    }

    /// Gives the resource back, for its exit.
    #[inline]
    pub fn release(mut self) -> R {
        self.resource.take().unwrap_or_else(|| never())
    }
}

impl<R: AsyncExit> Drop for Held<R> {
    #[inline]
    fn drop(&mut self) {
        if let Some(resource) = self.resource.take() {
            reaper::abandon(resource);
        }
    }
}

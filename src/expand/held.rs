//! A resource between its enter and its exit.

use core::fmt::Debug;

use super::stay::Stay;
use crate::observe::Entering;
use crate::protocol::{AsyncEnter, AsyncExit};
use crate::reaper;

/// Holds a resource while the body runs, and abandons it when it is dropped.
pub struct Held<R: AsyncExit> {
    /// Empty only while the holder itself goes away.
    resource: Option<R>,
}

/// Looks whether it can be entered.
///
/// `R` and `X` are parameters of their own, so that where `E` cannot be entered they stay unknown, and the
/// compiler does not complain of what follows.
#[inline]
pub fn enterable<E, R, X>(enter: E) -> E
where
    E: AsyncEnter<Resource = R>,
    R: AsyncExit<Error = X>,
{
    enter
}

/// Takes charge of what has just been entered.
///
/// # Errors
///
/// With the error of entering.
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
    /// What the body works with.
    ///
    /// # Panics
    ///
    /// Never: a holder that can be borrowed is full.
    #[inline]
    pub fn resource(&mut self) -> &mut R {
        self.resource.as_mut().expect("held until released")
    }

    /// The stay that begins in it.
    #[inline]
    pub fn stay(&self) -> Stay<R> {
        Stay::begin()
    }

    /// Gives the resource back for its exit.
    ///
    /// # Panics
    ///
    /// Never: a holder that can be moved is full.
    #[inline]
    pub fn release(mut self) -> R {
        self.resource.take().expect("held until released")
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

//! A resource between its enter and its exit.

use super::bound::ToBind;
use super::stay::Stay;
use crate::cancel::Member;
use crate::protocol::AsyncExit;
use crate::reaper;
use crate::util::never::never;

/// A resource while its body runs. It is abandoned when this is dropped.
pub struct Held<R: AsyncExit> {
    /// `None` only while this is dropped or moved from.
    resource: Option<R>,
}

impl<R: AsyncExit> Held<R> {
    /// Holds what an enter has given.
    #[inline]
    pub(super) fn of(resource: R) -> Self {
        Held {
            resource: Some(resource),
        }
    }

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

//! Functions that the caller pins, so that nothing is allocated.

use core::any::type_name;
use core::fmt::{self, Debug};
use core::future::Future;
use core::ops::{Deref, DerefMut};
use core::pin::Pin;
use core::task::{Context, Poll};

use super::function::{Enter, Lent};
use super::handed_out::{borrows, stands_for_value};
use super::slot::Slot;
use super::stage::Stage;
use crate::cancel::report_lost;
use crate::expand::HoldsValue;
use crate::protocol::{AsyncExit, Handoff, Outcome};
use crate::reaper;
use crate::util::panic;

/// Where a resource function that its caller pins keeps what it hands out, so that nothing is
/// allocated.
///
/// The function is an `async fn` with one parameter more, its [`Stage`]. It may borrow, and need
/// not be `Send`.
///
/// ```
/// use forwith::async_with;
/// use forwith::resource::{Place, Stage, resource_fn};
/// use std::cell::RefCell;
/// use std::pin::pin;
///
/// type Log = RefCell<Vec<String>>;
///
/// async fn file(log: &Log, stage: Stage<'_, String>) -> Result<(), String> {
///     log.borrow_mut().push("open".into());
///     let (text, ended) = stage.hand_out(String::new()).await;
///     if ended.is_completed() {
///         log.borrow_mut().push(format!("write {text}"));
///     }
///     Ok(())
/// }
///
/// async fn work(log: &Log) -> Result<(), String> {
///     let mut place = Place::new();
///     let (stage, resource) = place.split();
///     let function = pin!(file(log, stage));
///     async_with!(resource.of(function) as text, {
///         text.push_str("hello");
///     })
/// }
///
/// # futures::executor::block_on(async {
/// let log = Log::default();
/// assert_eq!(work(&log).await, Ok(()));
/// assert_eq!(log.into_inner(), ["open", "write hello"]);
/// # });
/// ```
///
/// All else is as with [`resource_fn`](crate::resource::resource_fn), to which such a function can
/// be given, too, if it is `Send`: `resource_fn(|stage| file(log, stage))`.
///
/// # Cancel safety
///
/// As with [`resource_fn`](crate::resource::resource_fn), but the function is dropped with the
/// caller's frame. When that is dropped, exits that the function's resources hand over to the
/// reaper run side by side with those that the body's resources hand over.
pub struct Place<T> {
    slot: Slot<T>,
}

impl<T> Place<T> {
    /// Creates an empty place.
    #[must_use]
    pub const fn new() -> Self {
        Place { slot: Slot::new() }
    }

    /// Splits the place into its two ends: the stage, for the function, and the resource, for
    /// `async_with!`.
    ///
    /// When both have gone, the place can be used again.
    pub fn split(&mut self) -> (Stage<'_, T>, PinnedResource<'_, T>) {
        self.slot.reset();
        let slot = &self.slot;
        (Stage::placed(slot), PinnedResource { slot })
    }
}

impl<T> Default for Place<T> {
    fn default() -> Self {
        Place::new()
    }
}

impl<T> Debug for Place<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").finish_non_exhaustive()
    }
}

/// The body's end of a [`Place`].
#[must_use = "it is entered by `async_with!`, once it has its function"]
pub struct PinnedResource<'s, T> {
    slot: &'s Slot<T>,
}

impl<'s, T> PinnedResource<'s, T> {
    /// Gives the resource its function, which has the stage of the same place.
    ///
    /// With the stage of another place, the function waits for ever at its hand-out.
    pub fn of<'f, F, E>(self, function: Pin<&'f mut F>) -> PinnedResourceFn<'s, 'f, T, F>
    where
        F: Future<Output = Result<(), E>>,
    {
        PinnedResourceFn(Enter::new(function, self.slot))
    }
}

impl<T> Debug for PinnedResource<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PinnedResource").finish_non_exhaustive()
    }
}

/// A resource function that its caller has pinned, from [`PinnedResource::of`]. It is a future that
/// gives what the function hands out, as a resource.
#[must_use = "it is entered by `async_with!`"]
pub struct PinnedResourceFn<'s, 'f, T, F>(Enter<Pin<&'f mut F>, &'s Slot<T>>);

impl<'s, 'f, T, F, E> Future for PinnedResourceFn<'s, 'f, T, F>
where
    F: Future<Output = Result<(), E>>,
{
    type Output = Result<PinnedHandedOut<'s, 'f, T, F>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = self.0.poll(cx);
        polled.map_ok(|lent| PinnedHandedOut { lent: Some(lent) })
    }
}

impl<T, F> Debug for PinnedResourceFn<'_, '_, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PinnedResourceFn").finish_non_exhaustive()
    }
}

/// What a pinned function has handed out, as a resource whose exit is the second part of the
/// function. It derefs to the value.
#[must_use = "it is entered by `async_with!`"]
pub struct PinnedHandedOut<'s, 'f, T, F> {
    /// `None` once its exit has begun, or it has been abandoned.
    lent: Option<Lent<T, Pin<&'f mut F>, &'s Slot<T>>>,
}

borrows!(
    PinnedHandedOut: impl['s, 'f, T, F] PinnedHandedOut<'s, 'f, T, F>,
    exit: impl['s, 'f, T, F: Future<Output = Result<(), E>>, E: Debug]
);

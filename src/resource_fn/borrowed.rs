//! Functions that may borrow.

use core::any::type_name;
use core::fmt::{self, Debug};
use core::future::Future;
use core::ops::{Deref, DerefMut};
use core::pin::Pin;
use core::task::{Context, Poll};
use std::boxed::Box;
use std::sync::Arc;

use super::function::{Enter, Lent};
use super::slot::Slot;
use super::stage::Stage;
use crate::cancel::report_lost;
use crate::expand::HoldsValue;
use crate::protocol::{AsyncExit, Handoff, Outcome};
use crate::reaper;
use crate::util::panic;

/// A function in its box. A named type, so that a task that enters it is known to be `Send`.
pub(super) type Boxed<'a, E> = Pin<Box<dyn Future<Output = Result<(), E>> + Send + 'a>>;

/// TODO
pub fn resource_fn<'a, T, E, F>(function: impl FnOnce(Stage<'a, T>) -> F) -> ResourceFn<'a, T, E>
where
    T: 'a,
    F: Future<Output = Result<(), E>> + Send + 'a,
{
    ResourceFn(boxed(function))
}

/// Boxes a function, with a slot for what it hands out.
pub(super) fn boxed<'a, T, E, F>(
    function: impl FnOnce(Stage<'a, T>) -> F,
) -> Enter<Boxed<'a, E>, Arc<Slot<T>>>
where
    T: 'a,
    F: Future<Output = Result<(), E>> + Send + 'a,
{
    let slot = Arc::new(Slot::new());
    let function = function(Stage::allocated(slot.clone()));
    Enter::new(Box::pin(function), slot)
}

/// A resource function that may borrow, from [`resource_fn`]. It is a future that gives what the
/// function hands out, as a resource.
#[must_use = "it is entered by `async_with!`"]
pub struct ResourceFn<'a, T, E>(Enter<Boxed<'a, E>, Arc<Slot<T>>>);

impl<'a, T, E> Future for ResourceFn<'a, T, E> {
    type Output = Result<HandedOut<'a, T, E>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0
            .poll(cx)
            .map_ok(|lent| HandedOut { lent: Some(lent) })
    }
}

impl<T, E> Debug for ResourceFn<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceFn").finish_non_exhaustive()
    }
}

/// What a [`resource_fn`] has handed out, as a resource whose exit is the second part of the
/// function. It derefs to the value.
#[must_use = "it is entered by `async_with!`"]
pub struct HandedOut<'a, T, E> {
    /// `None` once its exit has begun, or it has been abandoned.
    lent: Option<Lent<T, Boxed<'a, E>, Arc<Slot<T>>>>,
}

#[diagnostic::do_not_recommend]
impl<T, E: Debug> AsyncExit for HandedOut<'_, T, E> {
    type Error = E;

    fn exit(mut self, outcome: Outcome<'_>) -> impl Future<Output = Result<(), E>> {
        let lent = self.lent.take().expect("an exit begins once");
        lent.begin_exit(outcome.into())
    }

    /// The function borrows, so its second part cannot be handed over. What it has entered is
    /// abandoned by its own rules.
    fn abandon(mut self, mut handoff: Handoff<'_>) {
        let mut dropped = Ok(());
        let lent = self.lent.take();
        let exits = reaper::gather(|| dropped = panic::catch(|| drop(lent)));
        handoff.report_lost();
        handoff.run_side_by_side(exits);
        dropped.unwrap_or_else(|payload| panic::resume(payload));
    }
}

/// One that is never exited is lost.
impl<T, E> Drop for HandedOut<'_, T, E> {
    #[inline]
    fn drop(&mut self) {
        if let Some(lent) = self.lent.take() {
            report_lost(type_name::<Self>());
            drop(lent);
        }
    }
}

impl<T, E> HoldsValue for HandedOut<'_, T, E> {
    type Value = T;

    #[inline]
    fn value_mut(&mut self) -> &mut T {
        self
    }
}

impl<T, E> Deref for HandedOut<'_, T, E> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.lent {
            Some(lent) => &lent.value,
            None => unreachable!("its exit takes it by value"),
        }
    }
}

impl<T, E> DerefMut for HandedOut<'_, T, E> {
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.lent {
            Some(lent) => &mut lent.value,
            None => unreachable!("its exit takes it by value"),
        }
    }
}

impl<T: Debug, E> Debug for HandedOut<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HandedOut").field(&**self).finish()
    }
}

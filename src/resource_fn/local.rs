//! Functions that stay on their thread.

use core::any::type_name;
use core::fmt::{self, Debug};
use core::future::Future;
use core::ops::{Deref, DerefMut};
use core::pin::Pin;
use core::task::{Context, Poll};
use std::boxed::Box;
use std::sync::Arc;

use super::function::{Enter, Lent};
use super::handed_out::{borrows, stands_for_value};
use super::slot::Slot;
use super::stage::Stage;
use crate::cancel::report_lost;
use crate::expand::HoldsValue;
use crate::protocol::{AsyncExit, Handoff, Outcome};
use crate::reaper;
use crate::util::panic;

/// A function in its box.
type LocalBoxed<'a, E> = Pin<Box<dyn Future<Output = Result<(), E>> + 'a>>;

/// Makes one async function that is not `Send` a resource, as
/// [`resource_fn`](crate::resource::resource_fn) does for others: for executors of one thread.
///
/// ```
/// use forwith::async_with;
/// use forwith::resource::{LocalResourceFn, local_resource_fn};
/// use std::{cell::RefCell, rc::Rc};
///
/// type Log = Rc<RefCell<Vec<&'static str>>>;
///
/// fn opened<'a>(log: Log) -> LocalResourceFn<'a, u32, String> {
///     local_resource_fn(async move |stage| {
///         log.borrow_mut().push("open");
///         let (_id, ended) = stage.hand_out(7).await;
///         assert!(ended.is_completed());
///         log.borrow_mut().push("close");
///         Ok(())
///     })
/// }
///
/// # futures::executor::block_on(async {
/// let log = Log::default();
/// assert_eq!(async_with!(opened(log.clone()) as id, { *id }), Ok(7));
/// assert_eq!(*log.borrow(), ["open", "close"]);
/// # });
/// ```
///
/// # Errors
///
/// As with [`resource_fn`](crate::resource::resource_fn).
///
/// # Panics
///
/// As with [`resource_fn`](crate::resource::resource_fn).
///
/// # Cancel safety
///
/// As with [`resource_fn`](crate::resource::resource_fn). It cannot go on in a reaper.
pub fn local_resource_fn<'a, T, E, F>(
    function: impl FnOnce(Stage<'a, T>) -> F,
) -> LocalResourceFn<'a, T, E>
where
    T: 'a,
    F: Future<Output = Result<(), E>> + 'a,
{
    LocalResourceFn(Enter::allocated(function, |future| {
        Box::pin(future) as LocalBoxed<'a, E>
    }))
}

/// A resource function that stays on its thread, from [`local_resource_fn`]. It is a future that
/// gives what the function hands out, as a resource.
#[must_use = "it is entered by `async_with!`"]
pub struct LocalResourceFn<'a, T, E>(Enter<LocalBoxed<'a, E>, Arc<Slot<T>>>);

impl<'a, T, E> Future for LocalResourceFn<'a, T, E> {
    type Output = Result<LocalHandedOut<'a, T, E>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = self.0.poll(cx);
        polled.map_ok(|lent| LocalHandedOut { lent: Some(lent) })
    }
}

impl<T, E> Debug for LocalResourceFn<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalResourceFn").finish_non_exhaustive()
    }
}

/// What a [`local_resource_fn`] has handed out, as a resource whose exit is the second part of the
/// function. It derefs to the value.
#[must_use = "it is entered by `async_with!`"]
pub struct LocalHandedOut<'a, T, E> {
    /// `None` once its exit has begun, or it has been abandoned.
    lent: Option<Lent<T, LocalBoxed<'a, E>, Arc<Slot<T>>>>,
}

borrows!(
    LocalHandedOut: impl['a, T, E] LocalHandedOut<'a, T, E>,
    exit: impl['a, T, E: Debug]
);

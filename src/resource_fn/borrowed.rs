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
use super::handed_out::{borrows, stands_for_value};
use super::slot::Slot;
use super::stage::Stage;
use crate::cancel::report_lost;
use crate::expand::HoldsValue;
use crate::protocol::{AsyncExit, Handoff, Outcome};
use crate::reaper;
use crate::util::panic;

/// A function in its box. A named type, so that a task that enters it is known to be `Send`.
pub(super) type Boxed<'a, E> = Pin<Box<dyn Future<Output = Result<(), E>> + Send + 'a>>;

/// Makes one async function a resource: its first part is the enter, and its second part the exit.
///
/// In between, the function hands a value out to the body, by `stage.hand_out(value).await`, and
/// gets it back with the [`OwnedOutcome`](crate::OwnedOutcome) of the body. A `?` works in both
/// parts. In Python this is `@asynccontextmanager`.
///
/// ```
/// use forwith::async_with;
/// use forwith::resource::{ResourceFn, resource_fn};
/// # use std::sync::Mutex;
///
/// # #[derive(Default)]
/// # struct Pool(Mutex<Vec<String>>);
/// # struct Connection<'p>(&'p Pool);
/// # impl Pool {
/// #     async fn get(&self) -> Result<Connection<'_>, String> {
/// #         Ok(Connection(self))
/// #     }
/// # }
/// # impl Connection<'_> {
/// #     async fn execute(&mut self, statement: &str) -> Result<(), String> {
/// #         if statement.is_empty() {
/// #             return Err("syntax error".into());
/// #         }
/// #         Ok(self.0.0.lock().unwrap().push(statement.into()))
/// #     }
/// # }
/// fn transaction(pool: &Pool) -> ResourceFn<'_, Connection<'_>, String> {
///     resource_fn(async move |stage| {
///         let mut connection = pool.get().await?;
///         connection.execute("BEGIN").await?;
///
///         let (mut connection, ended) = stage.hand_out(connection).await;
///
///         let last = if ended.is_completed() { "COMMIT" } else { "ROLLBACK" };
///         connection.execute(last).await
///     })
/// }
///
/// async fn store(pool: &Pool, statement: &str) -> Result<(), String> {
///     async_with!(transaction(pool) as connection, {
///         connection.execute(statement).await?;
///     })
/// }
///
/// # futures::executor::block_on(async {
/// let pool = Pool::default();
/// assert_eq!(store(&pool, "INSERT").await, Ok(()));
/// assert_eq!(store(&pool, "").await, Err("syntax error".into()));
/// # let log = pool.0.lock().unwrap();
/// assert_eq!(*log, ["BEGIN", "INSERT", "COMMIT", "BEGIN", "ROLLBACK"]);
/// # });
/// ```
///
/// The body gets the value itself, as `&mut Connection`. The function may borrow, and it must be
/// `Send`, as the future of most functions is. There are three more forms:
///
/// | | the function | when its future is dropped | allocations |
/// |---|---|---|---|
/// | `resource_fn` | borrows, and is `Send` | is dropped, and counts as lost | 2 |
/// | [`owned_resource_fn`](crate::resource::owned_resource_fn) | owns all it needs, and is `Send` | goes on in the reaper | 3 |
/// | [`local_resource_fn`](crate::resource::local_resource_fn) | borrows, and stays on its thread | is dropped, and counts as lost | 2 |
/// | [`Place`](crate::resource::Place) | is pinned by the caller | is dropped, and counts as lost | none |
///
/// Where there is no code to share between enter and exit, a closure on the value is shorter:
/// [`exit_with`](crate::ExitWith::exit_with). A resource with methods of its own, or one that
/// [stops its body](AsyncExit::body_stop), is a type that implements [`AsyncExit`].
///
/// # What can be handed out
///
/// Any value that the function owns, with borrows of what the function was given. A reference to a
/// local of the function cannot be handed out ("does not live long enough"): hand out the local
/// itself, which comes back.
///
/// # Resources in a function
///
/// A function may hold resources round its hand-out. They are exited behind its second part, and
/// see what the *function* does: [`Failed`](crate::Outcome::Failed) if it ends with an `Err`, and
/// else [`Completed`](crate::Outcome::Completed), however the body has ended. Where they are to
/// see that a body has failed, the function says so:
///
/// ```
/// use forwith::resource::{ResourceFn, resource_fn};
/// use forwith::{AsyncExit, Outcome, async_with, mark_failed};
/// # use std::sync::Mutex;
///
/// struct Lock<'a>(&'a Mutex<Vec<String>>);
///
/// impl AsyncExit for Lock<'_> {
///     type Error = String;
///
///     async fn exit(self, outcome: Outcome<'_>) -> Result<(), String> {
///         Ok(self.0.lock().unwrap().push(format!("unlocked: {outcome:?}")))
///     }
/// }
///
/// fn locked(log: &Mutex<Vec<String>>) -> ResourceFn<'_, u32, String> {
///     resource_fn(async move |stage| {
///         async_with!(async { Ok(Lock(log)) }, {
///             let (count, ended) = stage.hand_out(0).await;
///             log.lock().unwrap().push(format!("{count} entries"));
///             if !ended.is_completed() {
///                 mark_failed!();
///             }
///         })
///     })
/// }
///
/// # futures::executor::block_on(async {
/// let log = Mutex::default();
/// let ended = async_with!(locked(&log) as count, {
///     *count += 2;
///     Err::<(), _>("refused")
/// });
/// assert_eq!(ended, Ok(Err("refused")));
/// assert_eq!(*log.lock().unwrap(), ["2 entries", "unlocked: Failed"]);
/// # });
/// ```
///
/// While the body runs, the function stands still: nobody polls the other branches of a `join!`
/// around its hand-out. Tasks that it has spawned run on, in a task group for instance.
///
/// # Errors
///
/// An `Err` in front of the hand-out is the error of the enter, and the body does not run. An `Err`
/// behind it is the error of the exit.
///
/// The function ends with a `Result`, mostly by `Ok(())`. If that is forgotten, the compiler says
/// "mismatched types" of the whole function, "expected `Result<(), _>`, found `()`"; its advice to
/// pin the block leads nowhere.
///
/// # Panics
///
/// The enter panics if the function gives `Ok` without having awaited a hand-out. Wherever the
/// first part panics, the enter does, and the exit where the second part does.
///
/// # Cancel safety
///
/// The function is a scope of its own. When the [`scope`](crate::scope) around is cancelled
/// - in front of the hand-out, what the function has entered by `async_with!` is exited, with
///   [`Outcome::Cancelled`], and the function is dropped. If it has entered nothing, it is dropped
///   at once, as any enter is; [`shielded`](crate::AsyncEnterExt::shielded), its first part ends
///   before;
/// - in the body, the body is dropped, and the function gets `OwnedOutcome::Cancelled`;
/// - behind the hand-out, its second part runs to its end, as any exit does. It is not inside the
///   scope around: [`is_cancelled`](crate::is_cancelled) gives `false`.
///
/// When anything else drops the future around, the function is dropped where it waits, and
/// resources in it are abandoned by their own rules. In front of the hand-out that is all. In the
/// body or behind it, the second part is lost or cut, which is counted and reported
/// ([`lost_exits`](crate::report::lost_exits)).
///
/// A function that never gets ready holds up a scope that is cancelled only by what it has entered,
/// or by its second part, as every resource does; a [`grace`](crate::cancel::Scope::grace) bounds
/// that. The same holds for one that is forgotten inside of the scope. `mem::forget` runs nothing
/// and reports nothing; the body never had more than the value, which is forgotten with it.
#[doc(alias = "asynccontextmanager")]
#[doc(alias = "contextmanager")]
#[doc(alias = "contextlib")]
#[doc(alias = "yield")]
pub fn resource_fn<'a, T, E, F>(function: impl FnOnce(Stage<'a, T>) -> F) -> ResourceFn<'a, T, E>
where
    T: 'a,
    F: Future<Output = Result<(), E>> + Send + 'a,
{
    ResourceFn(Enter::allocated(function, |future| {
        Box::pin(future) as Boxed<'a, E>
    }))
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

borrows!(HandedOut: impl['a, T, E] HandedOut<'a, T, E>, exit: impl['a, T, E: Debug]);

//! The protocol of `async_with!`: a pair of traits, like `IntoIterator` and `Iterator`.

use core::fmt::Debug;
use core::future::Future;

use super::handoff::Handoff;
use super::outcome::Outcome;
#[cfg(feature = "std")]
use crate::cancel::CancelToken;

/// A value that [`async_with!`](crate::async_with) can enter: it becomes a resource, which has an
/// asynchronous exit.
///
/// Every future of `Result<R, R::Error>` for a resource `R` can be entered: any asynchronous
/// constructor, or `std::future::ready(Ok(resource))` for a resource that is there already.
///
/// ```
/// use forwith::{AsyncExit, Outcome, async_with};
///
/// struct Connection;
///
/// impl Connection {
///     async fn open() -> Result<Self, std::io::Error> {
///         Ok(Connection)
///     }
/// }
///
/// impl AsyncExit for Connection {
///     type Error = std::io::Error;
///
///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
///         Ok(())
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let answer = async_with!(Connection::open() as _connection, { 42 });
/// assert_eq!(answer.unwrap(), 42);
/// # });
/// ```
///
/// # As a parameter
///
/// A function that enters what it is given says what its body needs of the resource. The value of a
/// [`resource_fn`](crate::resource::resource_fn) is no resource itself: it comes in a
/// [`HandedOut`](crate::resource::HandedOut), which derefs to it. So `Resource = Connection` refuses
/// the function ("cannot be entered by `async_with!`"), and `Resource: DerefMut` takes it:
///
/// ```
/// use forwith::resource::{ResourceFn, resource_fn};
/// use forwith::{AsyncEnter, AsyncExit, async_with};
/// use std::ops::DerefMut;
///
/// struct Connection(Vec<String>);
///
/// fn connection<'a>() -> ResourceFn<'a, Connection, String> {
///     resource_fn(async |stage| {
///         let (connection, _ended) = stage.hand_out(Connection(Vec::new())).await;
///         assert_eq!(connection.0, ["moo"]);
///         Ok(())
///     })
/// }
///
/// async fn greet(
///     enter: impl AsyncEnter<Resource: AsyncExit<Error = String> + DerefMut<Target = Connection>>,
/// ) -> Result<usize, String> {
///     async_with!(enter as connection, {
///         connection.0.push("moo".into());
///         connection.0.len()
///     })
/// }
///
/// # futures::executor::block_on(async {
/// assert_eq!(greet(connection()).await, Ok(1));
/// # });
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be entered by `async_with!`",
    label = "neither a resource to enter, nor a future that gives one",
    note = "give a future of `Result<R, R::Error>` where `R: AsyncExit`, or implement \
            `forwith::AsyncEnter`",
    note = "a resource that you own already is entered as `std::future::ready(Ok(resource))`",
    note = "several that are entered at once are `forwith::side_by_side((this, that))`",
    note = "a value of another crate, such as that of `pool.begin()`, becomes a resource by a \
            closure: write `pool.begin().exit_with(…)`, with `forwith::ExitWith` imported"
)]
#[doc(alias = "AsyncContextManager")]
#[must_use = "it is entered by `async_with!`"]
pub trait AsyncEnter {
    /// The resource that the body works with, and that is exited when the body has ended.
    type Resource: AsyncExit;

    /// Sets the resource up.
    ///
    /// # Errors
    ///
    /// Fails when there is no resource to be had. Then the body does not run, nothing of this
    /// resource is exited, and the error is the value of the `async_with!`.
    ///
    /// # Cancel safety
    ///
    /// No exit runs for an enter that is dropped before it is ready, by a cancelled
    /// [`scope`](crate::scope) or by anything else. So the implementation must not hold anything
    /// that only an exit could give back. Where it must, enter it as
    /// [`outliving`](crate::AsyncEnterExt::outliving), or where scopes alone drop it, as
    /// [`shielded`](crate::AsyncEnterExt::shielded).
    #[doc(alias = "__aenter__")]
    #[doc(alias = "acquire")]
    fn enter(
        self,
    ) -> impl Future<Output = Result<Self::Resource, <Self::Resource as AsyncExit>::Error>>;
}

/// A resource with an asynchronous exit, which [`async_with!`](crate::async_with) awaits however
/// the body ends.
///
/// ```
/// use forwith::{AsyncExit, Outcome};
///
/// struct Transaction<'log>(&'log mut Vec<&'static str>);
///
/// impl AsyncExit for Transaction<'_> {
///     type Error = std::io::Error;
///
///     async fn exit(self, outcome: Outcome<'_>) -> Result<(), Self::Error> {
///         self.0.push(match outcome {
///             Outcome::Completed => "commit",
///             _ => "rollback",
///         });
///         Ok(())
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let mut log = Vec::new();
/// Transaction(&mut log).exit(Outcome::Failed).await.unwrap();
/// assert_eq!(log, ["rollback"]);
/// # });
/// ```
///
/// # Resources that are never exited
///
/// A resource that is entered by hand, or made and never given to an `async_with!`, is an ordinary
/// value: it is dropped, and no exit runs. The compiler warns where a function gives an
/// `impl AsyncExit` and nobody uses it; put `#[must_use]` on a type of your own. At run time, what
/// this crate makes is abandoned by its drop, and so exited in the [reaper](crate::reaper), or
/// counted and reported as lost: values of [`exit_with`](crate::ExitWith::exit_with) and
/// `exit_borrowing`, a [`BoxExit`](crate::BoxExit), and all that is in an
/// [`ExitStack`](crate::ExitStack). Put a resource into a `BoxExit` to have that for any type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a resource: it has no asynchronous exit",
    label = "`AsyncExit` is not implemented for this",
    note = "implement `forwith::AsyncExit` to say what is awaited when the body ends",
    note = "for a type of another crate, write `enter.exit_with(…)`, with `forwith::ExitWith` \
            imported",
    note = "what a `resource_fn` hands out comes in a resource, `HandedOut`, which derefs to it: \
            a parameter is an `impl AsyncEnter<Resource: AsyncExit + DerefMut<Target = …>>`"
)]
#[doc(alias = "AsyncDrop")]
#[doc(alias = "IAsyncDisposable")]
#[doc(alias = "AsyncDisposable")]
#[doc(alias = "AsyncContextManager")]
#[must_use = "it is entered by `async_with!`"]
pub trait AsyncExit {
    /// The error of an enter or an exit. It is [`Debug`], because an exit's error that nobody can
    /// be given is reported.
    type Error: Debug;

    /// Whether the exit is finished also when its future is dropped midway: by what the future
    /// owns, such as the exit of an [`OwnedExit`](crate::OwnedExit), which goes on in the
    /// [reaper](crate::reaper). Otherwise the drop cuts the exit, and that is reported as a lost
    /// exit.
    ///
    /// A wrapper around another resource says what that one says, `R::OUTLIVES`, if it has nothing
    /// to do behind the inner exit.
    const OUTLIVES: bool = false;

    /// Exits the resource.
    ///
    /// It is called once, after the body and all that it held have been dropped. Only when the
    /// future that holds the resource is dropped, [`abandon`](AsyncExit::abandon) is called in its
    /// place.
    ///
    /// # Errors
    ///
    /// After [`Outcome::Completed`] the error becomes the value of the `async_with!`, in place of
    /// the body's value or jump, and so it does after a body that was stopped by
    /// [its own resource](AsyncExit::body_stop). After any other outcome it is
    /// [reported](crate::report).
    ///
    /// # Panics
    ///
    /// A panic of an exit skips no exit further out. If the body panicked first, that panic is the
    /// one that resumes.
    ///
    /// # Cancel safety
    ///
    /// A [`scope`](crate::scope) that is cancelled awaits the exit to its end, unless the scope's
    /// [`grace`](crate::cancel::Scope::grace) is over before. When the future that awaits the exit
    /// is dropped, the exit is cut: only the destructors of what it holds run. That is counted and
    /// reported ([`lost_exits`](crate::report::lost_exits)). The exit of an
    /// [`OwnedExit`](crate::OwnedExit) goes on in the [reaper](crate::reaper) instead.
    #[doc(alias = "__aexit__")]
    #[doc(alias = "DisposeAsync")]
    #[doc(alias = "asyncDispose")]
    #[doc(alias = "aclose")]
    #[doc(alias = "release")]
    #[doc(alias = "close")]
    fn exit(self, outcome: Outcome<'_>) -> impl Future<Output = Result<(), Self::Error>>;

    /// A token with which the resource stops its own body: a lease that may be lost, a connection
    /// that may die, a task group in which a task may fail.
    ///
    /// It is asked once, before the body begins. When the token is cancelled while the body runs,
    /// the body is cancelled as by a [`scope`](crate::scope): what it has entered is exited,
    /// innermost first, and nothing behind that runs in it. The exit then sees
    /// [`Outcome::Cancelled`], and **its error is the value of the `async_with!`**. The code behind
    /// the `async_with!` runs on.
    ///
    /// By default there is none.
    ///
    /// ```
    /// use forwith::{AsyncExit, CancelToken, Outcome, async_with};
    /// use std::future::{pending, ready};
    ///
    /// #[derive(Debug, PartialEq)]
    /// struct Lost;
    ///
    /// /// A lock on a server, for as long as the server hears from us.
    /// struct Lease {
    ///     lost: CancelToken,
    /// }
    ///
    /// impl AsyncExit for Lease {
    ///     type Error = Lost;
    ///
    ///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Lost> {
    ///         if self.lost.is_cancelled() {
    ///             return Err(Lost);
    ///         }
    ///         Ok(()) // give the lock back
    ///     }
    ///
    ///     fn body_stop(&self) -> Option<CancelToken> {
    ///         Some(self.lost.clone())
    ///     }
    /// }
    ///
    /// # futures::executor::block_on(async {
    /// let lost = CancelToken::new();
    /// let lease = Lease { lost: lost.clone() };
    /// std::thread::spawn(move || lost.cancel()); // the server has given it to somebody else
    /// let written = async_with!(ready(Ok(lease)), { pending::<u8>().await });
    /// assert_eq!(written, Err(Lost));
    /// # });
    /// ```
    ///
    /// When the scope around is cancelled as well, the first of the two counts. A body that has
    /// failed or panicked by itself keeps that, and the exit's error goes to the hook.
    ///
    /// The resources of an [`ExitStack`](crate::ExitStack) are not asked: they are entered while
    /// the body of the stack runs already.
    ///
    /// # Panics
    ///
    /// The `async_with!` panics when the token has stopped the body and the exit gives `Ok(())`:
    /// there is no value then. A panic of an exit in the body, which this cancellation began,
    /// resumes behind the resource's own exit, as at the end of a scope.
    ///
    /// # Cancel safety
    ///
    /// A body that is not polled any more, because it is ready or has been dropped, is not stopped.
    #[cfg(feature = "std")]
    fn body_stop(&self) -> Option<CancelToken> {
        None
    }

    /// Called in place of [`exit`](AsyncExit::exit) when the future that holds the resource has
    /// been dropped, so that nothing can be awaited. It must not block.
    ///
    /// A resource that owns all it needs implements [`OwnedExit`](crate::OwnedExit), which brings
    /// this: the exit is handed over to a [reaper](crate::reaper), also one that has begun. By hand,
    /// that is `handoff.run(self.exit(Outcome::Cancelled))`, and an exit that has begun is cut. Any
    /// other resource does what it can at once: it marks a connection as broken, or closes a
    /// handle.
    ///
    /// By default the resource is dropped, and counts as [lost](Handoff::lost).
    ///
    /// ```
    /// use forwith::{AsyncExit, Handoff, Outcome};
    /// use std::sync::atomic::{AtomicBool, Ordering};
    ///
    /// struct Borrowed<'pool> {
    ///     broken: &'pool AtomicBool,
    /// }
    ///
    /// impl AsyncExit for Borrowed<'_> {
    ///     type Error = std::io::Error;
    ///
    ///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
    ///         Ok(())
    ///     }
    ///
    ///     fn abandon(self, _handoff: Handoff<'_>) {
    ///         self.broken.store(true, Ordering::Relaxed); // the pool will not lend it again
    ///     }
    /// }
    ///
    /// # use forwith::async_with;
    /// # use futures::FutureExt;
    /// let broken = AtomicBool::new(false);
    /// let work = async {
    ///     let lent = std::future::ready(Ok(Borrowed { broken: &broken }));
    ///     async_with!(lent, { std::future::pending::<()>().await })
    /// };
    /// assert!(work.now_or_never().is_none()); // polled once, and dropped
    /// assert!(broken.into_inner());
    /// ```
    ///
    /// # Panics
    ///
    /// A panic of this method, such as one of the resource's destructor, continues as a panic of
    /// the drop. While another panic unwinds, it is reported instead
    /// ([`report`](crate::report)). If the exit has not been handed over before, it counts as lost.
    fn abandon(self, handoff: Handoff<'_>)
    where
        Self: Sized,
    {
        drop(self);
        handoff.lost();
    }
}

#[diagnostic::do_not_recommend]
impl<F, R> AsyncEnter for F
where
    F: Future<Output = Result<R, R::Error>>,
    R: AsyncExit,
{
    type Resource = R;

    #[inline]
    fn enter(self) -> impl Future<Output = F::Output> {
        self
    }
}

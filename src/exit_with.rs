//! Values of other crates as resources.

use core::any::type_name;
use core::fmt::{self, Debug};
use core::future::Future;
use core::ops::{Deref, DerefMut};
use core::pin::Pin;
use core::task::{Context, Poll};
use std::boxed::Box;
use std::sync::{Mutex, PoisonError};

use pin_project_lite::pin_project;

use crate::cancel::report_lost;
use crate::expand::HoldsValue;
use crate::outlive::{OutlivesDrop, Outliving};
use crate::protocol::{AsyncEnter, AsyncExit, Handoff, Outcome, OwnedOutcome};
use crate::{CancelToken, reaper};

/// How a value is exited. It says nothing about the closure's type: the compiler would forget the
/// lifetimes in it (rust-lang/rust#64552).
type Exit<T, E> = Box<dyn FnOnce(T, OwnedOutcome) -> Outliving<E> + Send>;

/// Makes any value a resource: for values of other crates, which cannot be given an `AsyncExit`.
///
/// It has a method for every future that gives such a value:
///
/// ```
/// use forwith::{ExitWith, async_with};
///
/// // A crate of somebody else.
/// struct Pool;
/// struct Transaction(Vec<&'static str>);
///
/// impl Pool {
///     async fn begin(&self) -> Result<Transaction, String> {
///         Ok(Transaction(vec!["BEGIN"]))
///     }
/// }
///
/// impl Transaction {
///     async fn commit(mut self) -> Result<(), String> {
///         self.0.push("COMMIT");
///         Ok(assert_eq!(self.0, ["BEGIN", "INSERT", "COMMIT"]))
///     }
///     async fn rollback(self) -> Result<(), String> {
///         Ok(())
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let pool = Pool;
/// let begin = pool.begin().exit_with(async |tx, outcome| {
///     if outcome.is_completed() { tx.commit().await } else { tx.rollback().await }
/// });
/// let stored = async_with!(begin as tx, { tx.0.push("INSERT") });
/// assert_eq!(stored, Ok(()));
/// # });
/// ```
pub trait ExitWith: Future + Sized {
    /// Makes what the future gives a resource, whose exit is this closure. The exit owns all it
    /// needs, so it goes on in the [reaper](crate::reaper) when its future is dropped, as that of an
    /// [`OwnedExit`](crate::OwnedExit) does.
    ///
    /// The body gets the value itself, as `&mut T`. A value that is not `Send`, or a closure that
    /// borrows, needs [`exit_borrowing`](ExitWith::exit_borrowing).
    ///
    /// With an enter that outlives a drop, too: `async move { pool.begin().await }.exit_with(…)
    /// .outliving()`. The block owns the pool, of which `pool` is a clone.
    ///
    /// # Cancel safety
    ///
    /// The resource is a [`WithExit`]. One that is dropped instead of being exited is abandoned:
    /// its exit begins in the reaper. Without one it is lost, which is counted and reported
    /// ([`lost_exits`](crate::report::lost_exits)).
    fn exit_with<T, E, X, F>(self, exit: X) -> EnterWith<Self, T, E>
    where
        Self: Future<Output = Result<T, E>>,
        T: Send,
        E: Debug,
        X: FnOnce(T, OwnedOutcome) -> F + Send + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
    {
        EnterWith {
            enter: self,
            exit: Some(erase(exit)),
        }
    }

    /// Makes what the future gives a resource, whose exit is this closure and may borrow, or stay
    /// on its thread.
    ///
    /// The body gets the value itself, as `&mut T`. The resource is a [`BorrowedWithExit`].
    ///
    /// ```
    /// use forwith::{ExitWith, async_with};
    /// use std::cell::RefCell;
    ///
    /// # futures::executor::block_on(async {
    /// let log = RefCell::new(Vec::new());
    /// let line = async { Ok::<_, std::io::Error>(String::from("hello")) };
    /// let flushed = line.exit_borrowing(async |line, _| Ok(log.borrow_mut().push(line)));
    /// async_with!(flushed as line, { line.push('!') }).unwrap();
    /// assert_eq!(log.into_inner(), ["hello!"]);
    /// # });
    /// ```
    ///
    /// # Cancel safety
    ///
    /// A [`BorrowedWithExit`] that is dropped instead of being exited is lost, and an exit that has
    /// begun is cut when its future is dropped. That is counted and reported
    /// ([`lost_exits`](crate::report::lost_exits)).
    fn exit_borrowing<T, E, X, F>(self, exit: X) -> EnterBorrowing<Self, X>
    where
        Self: Future<Output = Result<T, E>>,
        E: Debug,
        X: FnOnce(T, OwnedOutcome) -> F,
        F: Future<Output = Result<(), E>>,
    {
        EnterBorrowing {
            enter: self,
            exit: Some(exit),
        }
    }
}

impl<F: Future> ExitWith for F {}

/// Makes a value that is there already a resource, as [`ExitWith::exit_with`] does.
///
/// ```
/// use forwith::resource::exit_with;
/// use forwith::async_with;
///
/// # futures::executor::block_on(async {
/// let lines = exit_with(vec!["hello"], async |lines, outcome| {
///     assert!(outcome.is_completed());
///     assert_eq!(lines, ["hello", "world"]);
///     Ok::<_, std::io::Error>(())
/// });
/// async_with!(lines as lines, { lines.push("world") }).unwrap();
/// # });
/// ```
pub fn exit_with<T, E, X, F>(value: T, exit: X) -> WithExit<T, E>
where
    E: Debug,
    T: Send,
    X: FnOnce(T, OwnedOutcome) -> F + Send + 'static,
    F: Future<Output = Result<(), E>> + Send + 'static,
{
    WithExit::new(value, erase(exit))
}

fn erase<T, E, X, F>(exit: X) -> Exit<T, E>
where
    E: Debug,
    X: FnOnce(T, OwnedOutcome) -> F + Send + 'static,
    F: Future<Output = Result<(), E>> + Send + 'static,
{
    Box::new(|value, outcome| Outliving::new(type_name::<T>(), exit(value, outcome)))
}

pin_project! {
    /// An enter from [`ExitWith::exit_with`].
    #[must_use = "it is entered by `async_with!`"]
    pub struct EnterWith<F, T, E> {
        #[pin]
        enter: F,
        exit: Option<Exit<T, E>>,
    }
}

impl<F, T, E> Future for EnterWith<F, T, E>
where
    F: Future<Output = Result<T, E>>,
    T: Send,
    E: Debug,
{
    type Output = Result<WithExit<T, E>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.enter.poll(cx).map_ok(|value| {
            let exit = this.exit.take();
            WithExit::new(value, exit.expect("a future is ready once"))
        })
    }
}

/// A value that is exited by a closure. It derefs to the value.
#[must_use = "it is entered by `async_with!`"]
pub struct WithExit<T: Send, E: Debug> {
    /// `None` once its exit has begun.
    parts: Option<Parts<T, E>>,
}

struct Parts<T, E> {
    value: T,
    /// In a `Mutex`, which nobody locks, because that is `Sync`: the body of an inner resource that
    /// reads the value keeps a shared reference.
    exit: Mutex<Exit<T, E>>,
}

impl<T: Send, E: Debug> WithExit<T, E> {
    fn new(value: T, exit: Exit<T, E>) -> Self {
        let exit = Mutex::new(exit);
        WithExit {
            parts: Some(Parts { value, exit }),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Send, E: Debug> OutlivesDrop for WithExit<T, E> {
    type Error = E;

    #[inline]
    fn begin_exit(mut self, outcome: OwnedOutcome) -> Outliving<E> {
        let parts = self.parts.take().expect("an exit begins once");
        let exit = parts.exit.into_inner();
        let exit = exit.unwrap_or_else(PoisonError::into_inner);
        exit(parts.value, outcome)
    }

    fn stop_of_body(&self) -> Option<CancelToken> {
        None
    }
}

impl<T: Send, E: Debug> Drop for WithExit<T, E> {
    #[inline]
    fn drop(&mut self) {
        if let Some(parts) = self.parts.take() {
            reaper::abandon(WithExit { parts: Some(parts) });
        }
    }
}

impl<T: Send, E: Debug> HoldsValue for WithExit<T, E> {
    type Value = T;

    #[inline]
    fn value_mut(&mut self) -> &mut T {
        self
    }
}

impl<T: Send, E: Debug> Deref for WithExit<T, E> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        match &self.parts {
            Some(parts) => &parts.value,
            None => unreachable!("its exit takes it by value"),
        }
    }
}

impl<T: Send, E: Debug> DerefMut for WithExit<T, E> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.parts {
            Some(parts) => &mut parts.value,
            None => unreachable!("its exit takes it by value"),
        }
    }
}

impl<T: Send + Debug, E: Debug> Debug for WithExit<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WithExit").field(&**self).finish()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Send, E: Debug> AsyncEnter for WithExit<T, E> {
    type Resource = Self;

    async fn enter(self) -> Result<Self, E> {
        Ok(self)
    }
}

pin_project! {
    /// An enter from [`ExitWith::exit_borrowing`].
    #[must_use = "it is entered by `async_with!`"]
    pub struct EnterBorrowing<F, X> {
        #[pin]
        enter: F,
        exit: Option<X>,
    }
}

impl<F, X, T, E> Future for EnterBorrowing<F, X>
where
    F: Future<Output = Result<T, E>>,
{
    type Output = Result<BorrowedWithExit<T, X>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.enter.poll(cx).map_ok(|value| {
            let exit = this.exit.take().expect("a future is ready once");
            BorrowedWithExit {
                parts: Some((value, exit)),
            }
        })
    }
}

/// A value that is exited by a closure which borrows. It derefs to the value.
#[must_use = "it is entered by `async_with!`"]
pub struct BorrowedWithExit<T, X> {
    /// `None` once its exit has begun, or it has been abandoned.
    parts: Option<(T, X)>,
}

#[diagnostic::do_not_recommend]
impl<T, E, X, F> AsyncExit for BorrowedWithExit<T, X>
where
    E: Debug,
    X: FnOnce(T, OwnedOutcome) -> F,
    F: Future<Output = Result<(), E>>,
{
    type Error = E;

    fn exit(mut self, outcome: Outcome<'_>) -> impl Future<Output = Result<(), E>> {
        let (value, exit) = self.parts.take().expect("an exit begins once");
        exit(value, outcome.into())
    }

    fn abandon(mut self, handoff: Handoff<'_>) {
        drop(self.parts.take());
        handoff.lost();
    }
}

/// Its exit borrows, so it cannot be handed over: a value that is never exited is lost.
impl<T, X> Drop for BorrowedWithExit<T, X> {
    #[inline]
    fn drop(&mut self) {
        if let Some(parts) = self.parts.take() {
            report_lost(type_name::<Self>());
            drop(parts);
        }
    }
}

impl<T, X> HoldsValue for BorrowedWithExit<T, X> {
    type Value = T;

    #[inline]
    fn value_mut(&mut self) -> &mut T {
        self
    }
}

impl<T, X> Deref for BorrowedWithExit<T, X> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.parts {
            Some((value, _)) => value,
            None => unreachable!("its exit takes it by value"),
        }
    }
}

impl<T, X> DerefMut for BorrowedWithExit<T, X> {
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.parts {
            Some((value, _)) => value,
            None => unreachable!("its exit takes it by value"),
        }
    }
}

impl<T: Debug, X> Debug for BorrowedWithExit<T, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BorrowedWithExit").field(&**self).finish()
    }
}

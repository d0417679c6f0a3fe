//! Adapters for resources that are to be entered.

use core::fmt::Debug;
use core::future::Future;
use core::ops::{Deref, DerefMut};
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::expand::HoldsValue;
#[cfg(feature = "std")]
use crate::outlive::{OutlivingEnter, OwnedEnter};
use crate::{AsyncEnter, AsyncExit, Handoff, Outcome};

/// The error of a resource that can be entered.
type ErrorOf<A> = <<A as AsyncEnter>::Resource as AsyncExit>::Error;

/// Adapters for everything that [`async_with!`](crate::async_with) can enter.
///
/// Behind an adapter, a future that holds a closure over borrowed data, such as
/// `ready(&words).then(|words| open(words))`, is not `Send`: the compiler calls the closure "not
/// general enough", because an adapter cannot name the future that an enter gives. In an `async`
/// block, `async { future.await }`, it is. [`shield(future)`](crate::shield) is entered as
/// `future.shielded()` is, and needs no block.
pub trait AsyncEnterExt: AsyncEnter + Sized {
    /// Maps the errors of the enter and of the exit, so that resources of several kinds fit into
    /// one `async_with!`.
    ///
    /// The body gets a [`Mapped`] resource, which derefs to the resource itself.
    ///
    /// ```
    /// use forwith::{AsyncEnterExt, AsyncExit, Outcome, async_with};
    ///
    /// struct Socket(u16);
    ///
    /// impl AsyncExit for Socket {
    ///     type Error = std::io::Error;
    ///
    ///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
    ///         Err(std::io::ErrorKind::BrokenPipe.into())
    ///     }
    /// }
    ///
    /// # futures::executor::block_on(async {
    /// let socket = async { Ok(Socket(80)) };
    /// let port = async_with!(socket.map_error(|error| error.to_string()) as socket, { socket.0 });
    /// assert_eq!(port, Err("broken pipe".to_string()));
    /// # });
    /// ```
    ///
    /// # Cancel safety
    ///
    /// A mapped resource is cancelled, exited and abandoned as it would be by itself.
    #[doc(alias = "map_err")]
    fn map_error<E, F>(self, map: F) -> MapError<Self, F>
    where
        E: Debug,
        F: FnOnce(ErrorOf<Self>) -> E,
    {
        MapError { enter: self, map }
    }

    /// Converts the errors of the enter and of the exit into `E`.
    ///
    /// ```
    /// use std::error::Error;
    /// use forwith::{AsyncEnterExt, AsyncExit, Outcome, async_with};
    ///
    /// struct Socket;
    ///
    /// impl AsyncExit for Socket {
    ///     type Error = std::io::Error;
    ///
    ///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
    ///         Ok(())
    ///     }
    /// }
    ///
    /// # futures::executor::block_on(async {
    /// let socket = async { Ok(Socket) };
    /// let value = async_with!(socket.error_into::<Box<dyn Error>>(), { 7 });
    /// assert_eq!(value.unwrap(), 7);
    /// # });
    /// ```
    ///
    /// # Cancel safety
    ///
    /// A converted resource is cancelled, exited and abandoned as it would be by itself.
    #[doc(alias = "err_into")]
    fn error_into<E>(self) -> MapError<Self, fn(ErrorOf<Self>) -> E>
    where
        E: Debug + From<ErrorOf<Self>>,
    {
        MapError {
            enter: self,
            map: E::from,
        }
    }

    /// Lets the enter finish when the scope around is cancelled meanwhile. Then the exit follows,
    /// and the body does not run.
    ///
    /// Without this, an enter that is cancelled is dropped. Shield it where half an enter would
    /// leave something behind, such as a lock that the server has granted already.
    ///
    /// ```
    /// use forwith::{AsyncEnterExt, AsyncExit, CancelToken, Outcome, async_with, scope};
    ///
    /// struct Lock;
    ///
    /// impl AsyncExit for Lock {
    ///     type Error = std::io::Error;
    ///
    ///     async fn exit(self, outcome: Outcome<'_>) -> Result<(), Self::Error> {
    ///         assert_eq!(outcome, Outcome::Cancelled);
    ///         println!("unlocked");
    ///         Ok(())
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let stop = CancelToken::new();
    /// let lock = async {
    ///     stop.cancel();
    ///     tokio::task::yield_now().await; // the answer is on its way
    ///     Ok(Lock)
    /// };
    /// let work = async {
    ///     async_with!(lock.shielded(), {
    ///         unreachable!("it is cancelled by now");
    ///     })
    /// };
    /// assert!(scope(work, &stop).await.is_err());
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// A scope that is cancelled waits for the enter, and then for the exit; the scope's
    /// [`grace`](crate::cancel::Scope::grace) bounds both. An enter that is dropped, at the end of
    /// the grace or by anything else, ends half-way, and no exit runs.
    #[doc(alias = "shield")]
    #[doc(alias = "NonCancellable")]
    #[doc(alias = "uncancelable")]
    #[doc(alias = "CancelScope")]
    fn shielded(self) -> Shielded<Self> {
        Shielded(self)
    }

    /// Lets the enter finish, wherever it is dropped: it goes on in the [reaper](crate::reaper), and
    /// so does then the exit of the resource. In a scope that is cancelled meanwhile the enter is
    /// awaited, as with [`shielded`](AsyncEnterExt::shielded).
    ///
    /// Use it where half an enter would leave something behind, such as a transaction that the
    /// server has begun, in code that is dropped by a server, a `timeout` or a `select!`.
    ///
    /// ```
    /// use forwith::{AsyncEnterExt, OwnedExit, OwnedOutcome, async_with, reaper::Reaper};
    /// use std::sync::{Arc, atomic::{AtomicBool, Ordering}};
    /// use std::time::Duration;
    /// use tokio::time::{sleep, timeout};
    ///
    /// struct Lock(Arc<AtomicBool>);
    ///
    /// async fn lock(is_held: Arc<AtomicBool>) -> Result<Lock, std::io::Error> {
    ///     is_held.store(true, Ordering::Relaxed);
    ///     sleep(Duration::from_millis(20)).await; // the answer is on its way
    ///     Ok(Lock(is_held))
    /// }
    ///
    /// impl OwnedExit for Lock {
    ///     type Error = std::io::Error;
    ///
    ///     async fn exit_owned(self, _outcome: OwnedOutcome) -> Result<(), Self::Error> {
    ///         self.0.store(false, Ordering::Relaxed);
    ///         Ok(())
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let reaper = Reaper::tokio();
    /// let _entered = reaper.enter();
    /// let is_held = Arc::new(AtomicBool::new(false));
    /// let enter = lock(is_held.clone());
    /// let work = async { async_with!(enter.outliving(), {}) };
    /// assert!(timeout(Duration::from_millis(5), work).await.is_err()); // drops the enter
    /// assert!(is_held.load(Ordering::Relaxed));
    /// reaper.join().await;
    /// assert!(!is_held.load(Ordering::Relaxed));
    /// # }
    /// ```
    ///
    /// It takes one allocation.
    ///
    /// # Cancel safety
    ///
    /// The enter must own all it needs ([`OwnedEnter`]). One that is dropped where there is no
    /// reaper counts as lost ([`lost_exits`](crate::report::lost_exits)). In the reaper the resource
    /// is abandoned, so that its exit runs there if it is an [`OwnedExit`](crate::OwnedExit), or is
    /// [handed over](AsyncExit::abandon).
    #[cfg(feature = "std")]
    fn outliving(self) -> OutlivingEnter<Self::Resource>
    where
        Self: OwnedEnter,
        Self::Resource: 'static,
    {
        OutlivingEnter::new(self)
    }
}

impl<A: AsyncEnter> AsyncEnterExt for A {}

#[cfg(feature = "std")]
#[diagnostic::do_not_recommend]
impl<A: OwnedEnter> OwnedEnter for Shielded<A> {
    fn enter_owned(self) -> impl Future<Output = Result<A::Resource, ErrorOf<A>>> + Send + 'static {
        crate::shield(self.0.enter_owned())
    }
}

#[cfg(feature = "std")]
#[diagnostic::do_not_recommend]
impl<A, E, F> OwnedEnter for MapError<A, F>
where
    A: OwnedEnter,
    E: Debug,
    F: FnOnce(ErrorOf<A>) -> E + Send + 'static,
{
    fn enter_owned(self) -> impl Future<Output = Result<Self::Resource, E>> + Send + 'static {
        let MapError { enter, map } = self;
        let enter = enter.enter_owned();
        async {
            match enter.await {
                Ok(resource) => Ok(Mapped { resource, map }),
                Err(error) => Err(map(error)),
            }
        }
    }
}

/// An enter with mapped errors, from [`AsyncEnterExt::map_error`] and
/// [`AsyncEnterExt::error_into`].
#[derive(Debug, Clone)]
#[must_use = "it is entered by `async_with!`"]
pub struct MapError<A, F> {
    enter: A,
    map: F,
}

/// An enter that a scope lets finish, from [`AsyncEnterExt::shielded`].
#[derive(Debug, Clone)]
#[must_use = "it is entered by `async_with!`"]
pub struct Shielded<A>(A);

#[diagnostic::do_not_recommend]
impl<A: AsyncEnter> AsyncEnter for Shielded<A> {
    type Resource = A::Resource;

    #[cfg(feature = "std")]
    fn enter(self) -> impl Future<Output = Result<Self::Resource, ErrorOf<A>>> {
        crate::shield(self.0.enter())
    }

    // There are no scopes to be shielded from.
    #[cfg(not(feature = "std"))]
    fn enter(self) -> impl Future<Output = Result<Self::Resource, ErrorOf<A>>> {
        self.0.enter()
    }
}

/// A resource with a mapped error. It derefs to the resource itself.
#[derive(Debug)]
#[must_use = "it is entered by `async_with!`"]
pub struct Mapped<R, F> {
    resource: R,
    map: F,
}

#[diagnostic::do_not_recommend]
impl<A, E, F> AsyncEnter for MapError<A, F>
where
    A: AsyncEnter,
    E: Debug,
    F: FnOnce(ErrorOf<A>) -> E,
{
    type Resource = Mapped<A::Resource, F>;

    async fn enter(self) -> Result<Self::Resource, E> {
        match self.enter.enter().await {
            Ok(resource) => Ok(Mapped {
                resource,
                map: self.map,
            }),
            Err(error) => Err((self.map)(error)),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<R, E, F> AsyncExit for Mapped<R, F>
where
    R: AsyncExit,
    E: Debug,
    F: FnOnce(R::Error) -> E,
{
    type Error = E;

    const OUTLIVES: bool = R::OUTLIVES;

    // The exit begins at once: were it dropped before its first poll, the resource would be lost.
    fn exit(self, outcome: Outcome<'_>) -> impl Future<Output = Result<(), E>> {
        MappedExit {
            exit: self.resource.exit(outcome),
            map: Some(self.map),
        }
    }

    #[cfg(feature = "std")]
    fn body_stop(&self) -> Option<crate::CancelToken> {
        self.resource.body_stop()
    }

    fn abandon(self, handoff: Handoff<'_>) {
        self.resource.abandon(handoff);
    }
}

pin_project! {
    /// The exit of a resource with a mapped error.
    struct MappedExit<X, F> {
        #[pin]
        exit: X,
        // `None` once it has failed.
        map: Option<F>,
    }
}

impl<X, F, A, E> Future for MappedExit<X, F>
where
    X: Future<Output = Result<(), A>>,
    F: FnOnce(A) -> E,
{
    type Output = Result<(), E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.exit.poll(cx).map_err(|error| match this.map.take() {
            Some(map) => map(error),
            None => unreachable!("an exit fails once"),
        })
    }
}

impl<R: HoldsValue, F> HoldsValue for Mapped<R, F> {
    type Value = R::Value;

    #[inline]
    fn value_mut(&mut self) -> &mut R::Value {
        self.resource.value_mut()
    }
}

impl<R, F> Deref for Mapped<R, F> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.resource
    }
}

impl<R, F> DerefMut for Mapped<R, F> {
    fn deref_mut(&mut self) -> &mut R {
        &mut self.resource
    }
}

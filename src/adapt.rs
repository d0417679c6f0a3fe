//! Bringing the errors of several resources into line.

use core::fmt::Debug;
use core::ops::{Deref, DerefMut};

use crate::{AsyncEnter, AsyncExit, Handoff, Outcome};

/// The error of what can be entered.
type ErrorOf<A> = <<A as AsyncEnter>::Resource as AsyncExit>::Error;

/// Adapters for what can be entered.
pub trait AsyncEnterExt: AsyncEnter + Sized {
    /// Maps the error of entering and of leaving, so that resources of several kinds can stand in
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
    /// let left = async_with!(socket.map_error(|error| error.to_string()) as socket, { socket.0 });
    /// assert_eq!(left, Err("broken pipe".to_string()));
    /// # });
    /// ```
    /// # Cancel safety
    ///
    /// That of the resource itself: it is cancelled, left and abandoned as it would be by itself.
    fn map_error<E, F>(self, map: F) -> MapError<Self, F>
    where
        E: Debug,
        F: FnOnce(ErrorOf<Self>) -> E,
    {
        MapError { enter: self, map }
    }

    /// Turns the error of entering and of leaving into `E`.
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
    /// let left = async_with!(socket.error_into::<Box<dyn Error>>(), { 7 });
    /// assert_eq!(left.unwrap(), 7);
    /// # });
    /// ```
    /// # Cancel safety
    ///
    /// That of the resource itself, as for [`map_error`](AsyncEnterExt::map_error).
    fn error_into<E>(self) -> MapError<Self, fn(ErrorOf<Self>) -> E>
    where
        E: Debug + From<ErrorOf<Self>>,
    {
        MapError {
            enter: self,
            map: E::from,
        }
    }

    /// Lets the enter finish when the scope around is cancelled meanwhile; then the body does not run, and the exit follows.
    ///
    /// Otherwise an enter is cancelled by being dropped. Use this where half an enter would leave something behind, such as a
    /// lock that the server has granted already.
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
    /// A scope that is cancelled waits for the enter, and then for the exit. The [`grace`](crate::cancel::Scope::grace) of the scope bounds
    /// both. Dropped outright, be it at the end of the grace, the enter is dropped half-way, and no exit runs.
    fn shielded(self) -> Shielded<Self> {
        Shielded(self)
    }
}

impl<A: AsyncEnter> AsyncEnterExt for A {}

/// What [`AsyncEnterExt::map_error`] and [`AsyncEnterExt::error_into`] give.
#[derive(Debug, Clone)]
#[must_use = "it is entered by `async_with!`"]
pub struct MapError<A, F> {
    enter: A,
    map: F,
}

/// What [`AsyncEnterExt::shielded`] gives.
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

    // There are no scopes, and nobody to cancel it.
    #[cfg(not(feature = "std"))]
    fn enter(self) -> impl Future<Output = Result<Self::Resource, ErrorOf<A>>> {
        self.0.enter()
    }
}

/// A resource whose error is mapped; it derefs to the resource itself.
#[derive(Debug)]
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

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), E> {
        self.resource.exit(outcome).await.map_err(self.map)
    }

    fn abandon(self, handoff: Handoff<'_>) {
        self.resource.abandon(handoff);
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

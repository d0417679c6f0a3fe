//! Resources whose types are forgotten.

use core::fmt::{self, Debug};
use std::boxed::Box;
use std::sync::{Mutex, PoisonError};

use crate::outlive::{OutlivesDrop, Outliving};
use crate::protocol::{AsyncEnter, OwnedOutcome};
use crate::{CancelToken, reaper};

/// A resource of any type whose exit owns all it needs, with errors of type `E`.
///
/// An [`ExitStack`](crate::ExitStack) of them holds resources of several types, and a struct or a
/// `dyn` trait needs no type parameter for the resource that it gives.
///
/// ```
/// use forwith::{BoxExit, ExitStack, OwnedExit, OwnedOutcome, async_with};
///
/// struct Socket;
/// struct Lock;
///
/// impl OwnedExit for Socket {
///     type Error = String;
///     async fn exit_owned(self, _: OwnedOutcome) -> Result<(), String> {
///         Ok(())
///     }
/// }
///
/// impl OwnedExit for Lock {
///     type Error = std::fmt::Error;
///     async fn exit_owned(self, _: OwnedOutcome) -> Result<(), std::fmt::Error> {
///         Err(std::fmt::Error)
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let ended = async_with!(ExitStack::new() as held, {
///     held.push(BoxExit::new(Socket));
///     held.push(BoxExit::new(Lock).map_error(|error| error.to_string()));
///     held.len()
/// });
/// assert_eq!(ended.unwrap_err(), std::fmt::Error.to_string());
/// # });
/// ```
///
/// # For the life of a program
///
/// A resource may be a field. The struct around closes it in its own exit, and `main` holds the
/// struct in one `async_with!`:
///
/// ```
/// use forwith::{AsyncExit, BoxExit, ExitStack, OwnedExit, OwnedOutcome, async_with};
///
/// # struct Pool;
/// # impl OwnedExit for Pool {
/// #     type Error = String;
/// #     async fn exit_owned(self, _: OwnedOutcome) -> Result<(), String> {
/// #         Err("the pool is closed".into())
/// #     }
/// # }
/// struct App {
///     /// In the order of opening. They are closed in reverse.
///     held: ExitStack<BoxExit<String>>,
///     visits: u64,
/// }
///
/// impl App {
///     async fn open() -> Result<Self, String> {
///         let mut held = ExitStack::new();
///         held.push(BoxExit::new(Pool));
///         Ok(App { held, visits: 0 })
///     }
/// }
///
/// impl OwnedExit for App {
///     type Error = String;
///
///     async fn exit_owned(self, outcome: OwnedOutcome) -> Result<(), String> {
///         self.held.exit(outcome.as_outcome()).await
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let ended = async_with!(App::open() as app, { app.visits += 1 });
/// assert_eq!(ended, Err("the pool is closed".into())); // its exit was awaited
/// # });
/// ```
///
/// # Cancel safety
///
/// Nothing is lost by the box: when the future that holds it is dropped, the exit goes on, or
/// begins, in the [reaper](crate::reaper), and is named there by the type of the resource. So it is
/// when a box is dropped that was never given to an `async_with!`. Without a reaper it is lost,
/// which is counted and reported ([`lost_exits`](crate::report::lost_exits)).
#[doc(alias("dyn", "DynExit"))]
#[must_use = "it is entered by `async_with!`"]
pub struct BoxExit<E: Debug> {
    /// `None` once its exit has begun. In a `Mutex`, which nobody locks, because that is `Sync`: a
    /// body that does not use the resource keeps a shared reference.
    resource: Option<Mutex<Box<dyn Erased<E>>>>,
}

/// A resource of any type.
trait Erased<E>: Send {
    fn begin_exit_boxed(self: Box<Self>, outcome: OwnedOutcome) -> Outliving<E>;

    fn stop_of_body_boxed(&self) -> Option<CancelToken>;
}

impl<R: OutlivesDrop> Erased<R::Error> for R {
    fn begin_exit_boxed(self: Box<Self>, outcome: OwnedOutcome) -> Outliving<R::Error> {
        self.begin_exit(outcome)
    }

    fn stop_of_body_boxed(&self) -> Option<CancelToken> {
        self.stop_of_body()
    }
}

/// A resource with a mapped error.
struct MappedErased<E: Debug, F> {
    resource: BoxExit<E>,
    map: F,
}

impl<E, F, X> Erased<X> for MappedErased<E, F>
where
    E: Debug + 'static,
    X: Debug,
    F: FnOnce(E) -> X + Send + 'static,
{
    fn begin_exit_boxed(self: Box<Self>, outcome: OwnedOutcome) -> Outliving<X> {
        let Self { resource, map } = *self;
        let exit = resource.begin_exit(outcome);
        let name = exit.resource();
        let exit = exit.into_part(); // or a drop would count it twice
        Outliving::new(name, async { exit.await.map_err(map) })
    }

    fn stop_of_body_boxed(&self) -> Option<CancelToken> {
        self.resource.stop_of_body()
    }
}

impl<E: Debug> BoxExit<E> {
    /// Boxes a resource.
    pub fn new<R>(resource: R) -> Self
    where
        R: OutlivesDrop<Error = E> + 'static,
    {
        BoxExit {
            resource: Some(Mutex::new(Box::new(resource))),
        }
    }

    /// Maps the error of the exit, so that resources of several kinds fit into one stack.
    pub fn map_error<X, F>(self, map: F) -> BoxExit<X>
    where
        E: 'static,
        X: Debug,
        F: FnOnce(E) -> X + Send + 'static,
    {
        let resource = MappedErased {
            resource: self,
            map,
        };
        BoxExit {
            resource: Some(Mutex::new(Box::new(resource))),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<E: Debug> OutlivesDrop for BoxExit<E> {
    type Error = E;

    fn begin_exit(mut self, outcome: OwnedOutcome) -> Outliving<E> {
        let resource = self.resource.take().expect("an exit begins once");
        let resource = resource.into_inner();
        let resource = resource.unwrap_or_else(PoisonError::into_inner);
        resource.begin_exit_boxed(outcome)
    }

    fn stop_of_body(&self) -> Option<CancelToken> {
        let resource = self.resource.as_ref()?.lock();
        let resource = resource.unwrap_or_else(PoisonError::into_inner);
        resource.stop_of_body_boxed()
    }
}

impl<E: Debug> Drop for BoxExit<E> {
    fn drop(&mut self) {
        if let Some(resource) = self.resource.take() {
            reaper::abandon(BoxExit {
                resource: Some(resource),
            });
        }
    }
}

#[diagnostic::do_not_recommend]
impl<E: Debug> AsyncEnter for BoxExit<E> {
    type Resource = Self;

    async fn enter(self) -> Result<Self, E> {
        Ok(self)
    }
}

impl<E: Debug> Debug for BoxExit<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoxExit").finish_non_exhaustive()
    }
}

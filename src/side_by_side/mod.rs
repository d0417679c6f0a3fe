//! Several resources that are entered and exited side by side.
//!
//! A tuple is kept as pairs of pairs ([`and`]), so that no code but `resources.rs` knows how many
//! there are. A vector or an array has each part in a box. The parts of an enter are polled in turn
//! by one future ([`enters`]), and so are those of an exit ([`exits`]).

mod and;
mod enters;
mod exits;
#[cfg(all(test, forwith_loom))]
mod loom_models;
mod resources;

use core::future::Future;

use crate::outlive::OwnedEnter;
use crate::protocol::{AsyncEnter, AsyncExit};

/// Enters several resources at once, each of which takes its time. They are exited side by side,
/// too.
///
/// It takes a tuple of two to eight enters, or an array or a [`Vec`](std::vec::Vec) of enters of
/// one type. The body gets a tuple, an array or a `Vec` of the resources.
///
/// ```
/// use forwith::{AsyncExit, Outcome, async_with, side_by_side};
/// use std::time::Duration;
/// use tokio::time::{Instant, sleep};
///
/// struct Connection(&'static str);
///
/// async fn connect(url: &'static str) -> std::io::Result<Connection> {
///     sleep(Duration::from_millis(30)).await;
///     Ok(Connection(url))
/// }
///
/// impl AsyncExit for Connection {
///     type Error = std::io::Error;
///
///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
///         Ok(sleep(Duration::from_millis(20)).await)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let begun = Instant::now();
/// let both = side_by_side((connect("a.net"), connect("b.net")));
/// async_with!(both as (from, to), {
///     assert_eq!((from.0, to.0), ("a.net", "b.net"));
/// })
/// .unwrap();
///
/// let mirrors = ["a.net", "b.net", "c.net"].map(connect);
/// async_with!(side_by_side(mirrors) as [first, ..], {
///     assert_eq!(first.0, "a.net");
/// })
/// .unwrap();
/// assert_eq!(begun.elapsed(), 2 * Duration::from_millis(30 + 20));
/// # }
/// ```
///
/// If one resource needs another one, they are entered in order: `async_with!(a as x, b as y, …)`.
///
/// # If one fails
///
/// The error of the enter that fails first is the value of the `async_with!`. The other enters are
/// cancelled as in a [`scope`](crate::scope): one that is
/// [`shielded`](crate::AsyncEnterExt::shielded) is awaited. Then all that have been entered are
/// exited with [`Outcome::Failed`](crate::Outcome::Failed), and errors of those exits are
/// [reported](crate::report).
///
/// ```
/// use forwith::{AsyncExit, Outcome, async_with, side_by_side};
/// use std::cell::RefCell;
///
/// struct Lock<'a>(&'a RefCell<Vec<String>>);
///
/// impl AsyncExit for Lock<'_> {
///     type Error = &'static str;
///
///     async fn exit(self, outcome: Outcome<'_>) -> Result<(), Self::Error> {
///         Ok(self.0.borrow_mut().push(format!("{outcome:?}: unlocked")))
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let log = RefCell::new(Vec::new());
/// let granted = async { Ok(Lock(&log)) };
/// let refused = async { Err::<Lock, _>("it is taken") };
/// let ended = async_with!(side_by_side((granted, refused)), { unreachable!() });
/// assert_eq!(ended, Err::<(), _>("it is taken"));
/// assert_eq!(log.into_inner(), ["Failed: unlocked"]);
/// # });
/// ```
///
/// All of them have one type of error. [`map_error` and `error_into`](crate::AsyncEnterExt) behind
/// each enter bring it into line; behind the whole they would put a wrapper around the tuple.
///
/// # Tasks that are `Send`
///
/// A tuple of resources is not `Send` to the compiler if the *type* of one has a lifetime in it, as
/// `Transaction<'static>` has, or an error such as `Box<dyn Error + Send + Sync>` behind
/// [`error_into`](crate::AsyncEnterExt::error_into) ("one type is more general than the other",
/// rust-lang/rust#64552). These are: errors in an enum of your own, resources whose own error is
/// the box, and a `Vec` of [`BoxExit`](crate::BoxExit)es. Among the enters an `async fn` helps
/// where an `async` block does not.
///
/// # Exits
///
/// Tuples of two to eight resources, arrays and `Vec`s of resources are resources themselves, also
/// where something else has entered them: `async { Ok((this, that)) }`. All exits are told the
/// outcome of the body. They begin with that of the last resource, run side by side, and none is
/// skipped because another one fails or panics.
///
/// The first error is the value after a body that completed. Every later one is reported, with the
/// type of its resource. A panic resumes when all exits have ended.
///
/// Each resource may [stop the body](AsyncExit::body_stop). Then its error is the value.
///
/// # Cost
///
/// A future with two resources side by side is smaller than one with two nested calls. A tuple
/// takes no allocation, and an array or a `Vec` one for each enter and each exit. Up to thirty of
/// them are all polled whenever one is woken. Of more, only those that were woken are polled, for
/// one more allocation each. An enter that is shielded, or has a resource in itself, takes a few
/// more, as in a scope.
///
/// # Panics
///
/// A panic of an enter resumes when the other enters have been cancelled, and all that have been
/// entered are exited with [`Outcome::Panicked`](crate::Outcome::Panicked).
///
/// # Cancel safety
///
/// In a scope that is cancelled, enters that run are dropped, but for those that are shielded. Then
/// what has been entered is exited with [`Outcome::Cancelled`](crate::Outcome::Cancelled), and the
/// body does not run.
///
/// When the future is dropped, so are the enters in it, and each resource that has been entered is
/// [abandoned](AsyncExit::abandon). An exit that runs is cut, unless it is that of an
/// [`OwnedExit`](crate::OwnedExit). What a [reaper](crate::reaper) takes runs side by side there,
/// too. Enters go on there if they are [`outliving`](crate::AsyncEnterExt::outliving): one of them,
/// or all of them where the exits of the resources outlive a drop, too.
#[doc(alias(
    "join",
    "try_join",
    "join_all",
    "gather",
    "all",
    "parallel",
    "Promise.all"
))]
pub fn side_by_side<T, S>(enters: T) -> SideBySide<S>
where
    T: Enters<This = S>,
{
    SideBySide(enters.this())
}

/// Enters that run side by side, from [`side_by_side`].
#[derive(Debug, Clone)]
#[must_use = "it is entered by `async_with!`"]
pub struct SideBySide<T>(T);

/// What can be entered side by side: tuples of two to eight enters, arrays and
/// [`Vec`](std::vec::Vec)s of enters.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be entered side by side",
    label = "neither several enters in a tuple, nor an array or a `Vec` of enters",
    note = "the enters are in one more pair of parentheses: `side_by_side((this, that))`",
    note = "a tuple holds two to eight enters; more of them, of one type, go into a `Vec`"
)]
pub trait Enters: sealed::Enters {}

impl<T: sealed::Enters> Enters for T {}

mod sealed {
    use super::{AsyncExit, Future};

    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be entered side by side",
        label = "neither several enters in a tuple, nor an array or a `Vec` of enters",
        note = "the enters are in one more pair of parentheses: `side_by_side((this, that))`",
        note = "a tuple holds two to eight enters; more of them, of one type, go into a `Vec`"
    )]
    pub trait Enters: Sized {
        /// `Self`. It stays unknown where this is not implemented, so that the compiler does not
        /// complain about the code that follows.
        type This;
        type Resource: AsyncExit;

        fn this(self) -> Self::This;

        fn enter_all(
            self,
        ) -> impl Future<Output = Result<Self::Resource, <Self::Resource as AsyncExit>::Error>>;
    }

    /// Enters that own all they need, of resources whose exits do.
    pub trait OwnedEnters: Enters {
        fn enter_all_owned(
            self,
        ) -> impl Future<Output = Result<Self::Resource, <Self::Resource as AsyncExit>::Error>>
        + Send
        + 'static;
    }

    /// A bound that explains itself when resources side by side have errors of several types.
    #[diagnostic::on_unimplemented(
        message = "resources side by side share one error type, but that of `{Self}` is not `{E}`",
        label = "the errors have several types",
        note = "bring them into line with `.error_into()` or `.map_error(…)` of \
                `forwith::AsyncEnterExt`, behind each enter"
    )]
    pub trait SameError<E>: AsyncExit<Error = E> {}

    #[diagnostic::do_not_recommend]
    impl<R: AsyncExit<Error = E>, E> SameError<E> for R {}
}

#[diagnostic::do_not_recommend]
impl<T: sealed::Enters> AsyncEnter for SideBySide<T> {
    type Resource = T::Resource;

    fn enter(
        self,
    ) -> impl Future<Output = Result<Self::Resource, <Self::Resource as AsyncExit>::Error>> {
        self.0.enter_all()
    }
}

#[diagnostic::do_not_recommend]
impl<T: sealed::OwnedEnters> OwnedEnter for SideBySide<T> {
    fn enter_owned(
        self,
    ) -> impl Future<Output = Result<Self::Resource, <Self::Resource as AsyncExit>::Error>>
    + Send
    + 'static {
        self.0.enter_all_owned()
    }
}

//! The first of several futures.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::boxed::Box;
use std::vec::Vec;

use pin_project_lite::pin_project;

use super::kept_panic::KeptPanic;
use super::region::Region;
use super::reports::keep_panic;
use crate::util::panic;

/// Gives the value of the future that is ready first; the others are cancelled, and their exits awaited before the value is
/// given.
///
/// It takes a tuple of two to eight futures, an array or a [`Vec`], whose outputs have one type. If several are ready
/// in one poll, the one that stands first wins.
///
/// ```
/// use forwith::{AsyncExit, Outcome, async_with, race};
/// use futures::future::ready;
/// use std::future::pending;
///
/// struct Lock<'a>(&'a std::cell::Cell<bool>);
///
/// impl AsyncExit for Lock<'_> {
///     type Error = std::io::Error;
///
///     async fn exit(self, outcome: Outcome<'_>) -> Result<(), Self::Error> {
///         assert_eq!(outcome, Outcome::Cancelled);
///         self.0.set(true); // the lock is given back
///         Ok(())
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let given_back = std::cell::Cell::new(false);
/// let slow = async {
///     let _ = async_with!(ready(Ok(Lock(&given_back))), { pending::<()>().await });
///     "slow"
/// };
/// assert_eq!(race((slow, ready("quick"))).await, "quick");
/// assert!(given_back.get());
/// # });
/// ```
///
/// A loser that gives its value all the same, while exits are awaited, loses it.
///
/// A future that gives an `Err` is ready like any other, and wins. To take the first that succeeds, let it stop the others:
///
/// ```
/// use forwith::{CancelToken, scope};
/// use futures::future::join_all;
///
/// async fn fetch(mirror: &str) -> Result<String, String> {
///     match mirror {
///         "down" => Err("no answer".into()),
///         _ => Ok(format!("from {mirror}")),
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let found = CancelToken::new();
/// let tries = ["down", "near", "far"].map(|mirror| async {
///     let page = scope(fetch(mirror), &found).await.ok()?.ok()?;
///     found.cancel();
///     Some(page)
/// });
/// let page = join_all(tries).await.into_iter().flatten().next();
/// assert_eq!(page.unwrap(), "from near");
/// # });
/// ```
///
/// # Panics
///
/// When there is nothing to race. When one of the futures panics, or an exit in a loser, after all exits have been awaited.
///
/// # Cancel safety
///
/// In a scope that is cancelled all the futures are, and a value that one of them gives in spite of it is lost with the race, once
/// another one has been left. But once there is a value, it is given, also in a scope that has
/// been cancelled meanwhile. Dropped outright, it drops them all.
pub fn race<R: Racers>(racers: R) -> Race<R::Field> {
    Race {
        field: racers.field(),
        result: None,
    }
}

/// What can be raced: tuples of two to eight futures, arrays and [`Vec`]s of futures.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be raced",
    label = "neither several futures in a tuple, nor an array or a `Vec` of futures",
    note = "the futures stand in one pair of parentheses more: `race((this, that))`",
    note = "a tuple holds two to eight futures; more of them, of one type, go into a `Vec`"
)]
pub trait Racers: sealed::Racers {}

impl<R: sealed::Racers> Racers for R {}

mod sealed {
    use super::{Context, Pin, Result};

    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be raced",
        label = "neither several futures in a tuple, nor an array or a `Vec` of futures",
        note = "the futures stand in one pair of parentheses more: `race((this, that))`",
        note = "a tuple holds two to eight futures; more of them, of one type, go into a `Vec`"
    )]
    pub trait Racers {
        type Field: Field;

        fn field(self) -> Self::Field;
    }

    /// Futures that are polled together.
    pub trait Field {
        type Output;

        /// Polls those that have not ended; says whether all have. From the first result on they are stopped.
        fn run(
            self: Pin<&mut Self>,
            result: &mut Option<Result<Self::Output>>,
            cx: &mut Context<'_>,
        ) -> bool;
    }
}

use sealed::Field;

/// A value, or a panic; that is rare, and takes no place for more than a pointer.
type Result<T> = core::result::Result<T, Box<KeptPanic>>;

pin_project! {
    /// The future of [`race`].
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Race<F: Field> {
        #[pin]
        field: F,
        result: Option<Result<F::Output>>,
    }
}

impl<F: Field> Future for Race<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let was_open = this.result.is_none();
        let mut over = this.field.as_mut().run(this.result, cx);
        if was_open && this.result.is_some() {
            // Once more, to stop those that stand before the first.
            over = this.field.run(this.result, cx);
        }
        match this.result.take_if(|_| over) {
            Some(Ok(value)) => Poll::Ready(value),
            Some(Err(panic)) => panic.resume(),
            None => Poll::Pending,
        }
    }
}

impl<F: Field> fmt::Debug for Race<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Race")
            .field("decided", &self.result.is_some())
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// One that takes part.
    pub struct Racer<F> {
        // `None` once it has ended.
        #[pin]
        future: Option<F>,
        region: Region,
        ended: bool,
    }
}

impl<F> Racer<F> {
    fn new(future: F) -> Self {
        Racer {
            future: Some(future),
            region: Region::default(),
            ended: false,
        }
    }
}

impl<F: Future> Field for Racer<F> {
    type Output = F::Output;

    fn run(
        self: Pin<&mut Self>,
        result: &mut Option<Result<F::Output>>,
        cx: &mut Context<'_>,
    ) -> bool {
        let this = self.project();
        if *this.ended {
            return true;
        }
        if result.is_some() {
            this.region.stop();
        }
        let mut future = this.future;
        let ended = match panic::catch(|| this.region.poll(future.as_mut(), cx)) {
            Ok(Poll::Pending) => return false,
            Ok(Poll::Ready(value)) => value.map(Ok),
            Err(payload) => {
                // A second panic, of a destructor, gives way to the first.
                panic::contain(|| future.set(None));
                let panic = keep_panic("a future in a race", payload);
                let Some(panic) = this.region.panicked(panic) else {
                    return false; // It stays pending, as the scope around is cancelled.
                };
                Some(Err(Box::new(panic)))
            }
        };
        *this.ended = true;
        if let Some(ended) = ended {
            settle(result, ended);
        }
        true
    }
}

/// The first value counts, but a panic is never lost.
fn settle<T>(result: &mut Option<Result<T>>, ended: Result<T>) {
    match (&*result, ended) {
        (None, ended) => *result = Some(ended),
        // Nobody asks for it, nor for the panic of its destructor.
        (Some(_), Ok(late)) => panic::contain(|| drop(late)),
        // It tells of itself.
        (Some(Err(_)), Err(second)) => drop(second),
        (Some(Ok(_)), Err(panic)) => {
            let value = result.replace(Err(panic));
            panic::contain(|| drop(value));
        }
    }
}

pin_project! {
    /// One and the others.
    pub struct And<F, R> {
        #[pin]
        first: Racer<F>,
        #[pin]
        others: R,
    }
}

impl<F, R> Field for And<F, R>
where
    F: Future,
    R: Field<Output = F::Output>,
{
    type Output = F::Output;

    fn run(
        self: Pin<&mut Self>,
        result: &mut Option<Result<F::Output>>,
        cx: &mut Context<'_>,
    ) -> bool {
        let this = self.project();
        let first = this.first.run(result, cx);
        let others = this.others.run(result, cx);
        first && others
    }
}

impl<F: Future> Field for Vec<Pin<Box<Racer<F>>>> {
    type Output = F::Output;

    fn run(
        mut self: Pin<&mut Self>,
        result: &mut Option<Result<F::Output>>,
        cx: &mut Context<'_>,
    ) -> bool {
        let mut over = true;
        for racer in self.iter_mut() {
            over &= racer.as_mut().run(result, cx);
        }
        over
    }
}

impl<F: Future> sealed::Racers for Vec<F> {
    type Field = Vec<Pin<Box<Racer<F>>>>;

    fn field(self) -> Self::Field {
        assert!(
            !self.is_empty(),
            "there is nothing to race: the collection is empty"
        );
        self.into_iter()
            .map(|future| Box::pin(Racer::new(future)))
            .collect()
    }
}

impl<F: Future, const N: usize> sealed::Racers for [F; N] {
    type Field = Vec<Pin<Box<Racer<F>>>>;

    fn field(self) -> Self::Field {
        Vec::from(self).field()
    }
}

/// The type of a field, and the field itself.
macro_rules! field {
    (type $last:ident) => { Racer<$last> };
    (type $first:ident $($others:ident)+) => { And<$first, field!(type $($others)+)> };
    ($last:ident) => { Racer::new($last) };
    ($first:ident $($others:ident)+) => {
        And { first: Racer::new($first), others: field!($($others)+) }
    };
}

macro_rules! tuple {
    ($($name:ident)+) => {
        impl<Output, $($name: Future<Output = Output>),+> sealed::Racers for ($($name,)+) {
            type Field = field!(type $($name)+);

            #[allow(non_snake_case)]
            fn field(self) -> Self::Field {
                let ($($name,)+) = self;
                field!($($name)+)
            }
        }
    };
}

tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
tuple!(A B C D E);
tuple!(A B C D E F);
tuple!(A B C D E F G);
tuple!(A B C D E F G H);

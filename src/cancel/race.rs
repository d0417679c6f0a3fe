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

/// Gives the value of the future that is ready first, after it has cancelled the others.
///
/// The exits in the losers are awaited before the value is given. The futures are a tuple of two to
/// eight, an array or a [`Vec`], with one type of output. If several are ready in one poll, the
/// first of them wins.
///
/// On tokio, name a timer before work that may never wait, such as a loop over a channel that is
/// never empty: the work uses up what the task may do in one turn.
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
/// Futures with several types of output are mapped into one, such as an enum:
///
/// ```
/// use forwith::race;
/// use futures::future::{Either, ready};
///
/// # futures::executor::block_on(async {
/// let number = async { Either::Left(ready(7).await) };
/// let word = async { Either::Right(ready("seven").await) };
/// assert!(matches!(race((number, word)).await, Either::Left(7)));
/// # });
/// ```
///
/// A loser may give a value while exits are awaited. That value is dropped.
///
/// A future that gives an `Err` is ready like any other, and wins. To take the first that succeeds,
/// let it stop the others:
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
/// When there is nothing to race. When one of the futures panics, or an exit in a loser, after all
/// exits have been awaited.
///
/// # Cancel safety
///
/// When the scope around is cancelled before there is a value, all the futures are cancelled, and a
/// value that one of them gives meanwhile is lost with the race. Once there is a value it is given,
/// even in a scope that has been cancelled meanwhile. Anything else that drops the race drops all
/// the futures.
#[doc(alias(
    "select",
    "select!",
    "wait",
    "FIRST_COMPLETED",
    "WhenAny",
    "Promise.race",
    "selectUnbiased"
))]
pub fn race<R, F, T>(racers: R) -> Race<F, T>
where
    R: Racers<Field = F, Output = T>,
{
    Race {
        field: racers.field(),
        result: None,
    }
}

/// What can be raced: tuples of two to eight futures, arrays and [`Vec`]s of futures.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be raced",
    label = "neither several futures in a tuple, nor an array or a `Vec` of futures",
    note = "the futures are in one more pair of parentheses: `race((this, that))`",
    note = "a tuple holds two to eight futures; more of them, of one type, go into a `Vec`"
)]
pub trait Racers: sealed::Racers {}

impl<R: sealed::Racers> Racers for R {}

mod sealed {
    use super::{Context, Future, Pin, Poll, Result};

    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be raced",
        label = "neither several futures in a tuple, nor an array or a `Vec` of futures",
        note = "the futures are in one more pair of parentheses: `race((this, that))`",
        note = "a tuple holds two to eight futures; more of them, of one type, go into a `Vec`"
    )]
    pub trait Racers {
        type Output;
        type Field: Field<Self::Output>;

        fn field(self) -> Self::Field;
    }

    /// Futures that are polled together, and give a `T`.
    pub trait Field<T> {
        /// Polls the futures that have not ended. Ready when all have. Once there is a result,
        /// they are stopped.
        fn poll_all(
            self: Pin<&mut Self>,
            result: &mut Option<Result<T>>,
            cx: &mut Context<'_>,
        ) -> Poll<()>;
    }

    /// A bound that explains itself when the futures in a tuple have outputs of several types.
    ///
    /// A racer comes from here, so that its type stays unknown where the types differ, and the
    /// compiler does not complain about the code that follows. `Self` is a known type, so that the
    /// output of one future can be inferred from that of another.
    #[diagnostic::on_unimplemented(
        message = "the futures of one `race` give values of one type, but these give `{T}` and \
                   `{U}`",
        label = "the values have several types",
        note = "map them into one type, such as an enum with a variant for each: \
                `async {{ Either::Left(this.await) }}` and `async {{ Either::Right(that.await) }}`"
    )]
    pub trait SameOutput<T, U> {
        type Racer<F: Future<Output = U>>: Field<T>;

        fn racer<F: Future<Output = U>>(future: F) -> Self::Racer<F>;
    }
}

use sealed::{Field, SameOutput};

/// The futures of one race.
pub struct Futures;

impl<T> SameOutput<T, T> for Futures {
    type Racer<F: Future<Output = T>> = Racer<F>;

    fn racer<F: Future<Output = T>>(future: F) -> Racer<F> {
        Racer::new(future)
    }
}

/// A value or a panic. A panic is rare, so it takes no more than a pointer.
type Result<T> = core::result::Result<T, Box<KeptPanic>>;

pin_project! {
    /// The future of [`race`].
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Race<F, T> {
        #[pin]
        field: F,
        result: Option<Result<T>>,
    }
}

impl<F: Field<T>, T> Future for Race<F, T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let mut this = self.project();
        let was_open = this.result.is_none();
        let mut ended = this.field.as_mut().poll_all(this.result, cx);
        if was_open && this.result.is_some() {
            // Once more, to stop the ones before the winner.
            ended = this.field.poll_all(this.result, cx);
        }
        match this.result.take_if(|_| ended.is_ready()) {
            Some(Ok(value)) => Poll::Ready(value),
            Some(Err(panic)) => panic.resume(),
            None => Poll::Pending,
        }
    }
}

impl<F, T> fmt::Debug for Race<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Race")
            .field("decided", &self.result.is_some())
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// One of the futures in a race.
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

impl<F: Future> Field<F::Output> for Racer<F> {
    fn poll_all(
        self: Pin<&mut Self>,
        result: &mut Option<Result<F::Output>>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let this = self.project();
        if *this.ended {
            return Poll::Ready(());
        }
        if result.is_some() {
            this.region.stop();
        }
        let mut future = this.future;
        let ended = match panic::catch(|| this.region.poll(future.as_mut(), cx)) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(value)) => value.map(Ok),
            Err(payload) => {
                // Of two panics, the first one counts.
                panic::contain(|| future.set(None));
                let panic = keep_panic("a future in a race", payload);
                let Some(panic) = this.region.end_by_panic(panic) else {
                    return Poll::Pending; // The scope around is cancelled, and has the panic.
                };
                Some(Err(Box::new(panic)))
            }
        };
        *this.ended = true;
        if let Some(ended) = ended {
            settle(result, ended);
        }
        Poll::Ready(())
    }
}

/// Keeps the first value, but no value in place of a panic.
fn settle<T>(result: &mut Option<Result<T>>, ended: Result<T>) {
    match (&*result, ended) {
        (None, ended) => *result = Some(ended),
        // The value is not wanted, nor a panic of its destructor.
        (Some(_), Ok(late)) => panic::contain(|| drop(late)),
        // A kept panic is reported when it is dropped.
        (Some(Err(_)), Err(second)) => drop(second),
        (Some(Ok(_)), Err(panic)) => {
            let value = result.replace(Err(panic));
            panic::contain(|| drop(value));
        }
    }
}

pin_project! {
    /// A racer and the others behind it.
    pub struct And<F, R> {
        #[pin]
        first: F,
        #[pin]
        others: R,
    }
}

impl<F, R, T> Field<T> for And<F, R>
where
    F: Field<T>,
    R: Field<T>,
{
    fn poll_all(
        self: Pin<&mut Self>,
        result: &mut Option<Result<T>>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let this = self.project();
        let first = this.first.poll_all(result, cx);
        let others = this.others.poll_all(result, cx);
        if first.is_ready() { others } else { first }
    }
}

impl<F: Future> Field<F::Output> for Vec<Pin<Box<Racer<F>>>> {
    fn poll_all(
        mut self: Pin<&mut Self>,
        result: &mut Option<Result<F::Output>>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let mut ended = Poll::Ready(());
        for racer in self.iter_mut() {
            if racer.as_mut().poll_all(result, cx).is_pending() {
                ended = Poll::Pending;
            }
        }
        ended
    }
}

impl<F: Future> sealed::Racers for Vec<F> {
    type Output = F::Output;
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
    type Output = F::Output;
    type Field = Vec<Pin<Box<Racer<F>>>>;

    fn field(self) -> Self::Field {
        Vec::from(self).field()
    }
}

/// Writes the type of a field behind the first future, `A`, or the field itself.
macro_rules! field {
    (type $last:ident) => { <Futures as SameOutput<A::Output, $last::Output>>::Racer<$last> };
    (type $first:ident $($others:ident)+) => {
        And<field!(type $first), field!(type $($others)+)>
    };
    ($last:ident) => { Futures::racer($last) };
    ($first:ident $($others:ident)+) => {
        And { first: field!($first), others: field!($($others)+) }
    };
}

macro_rules! tuple {
    ($($others:ident)+) => {
        impl<A: Future, $($others: Future),+> sealed::Racers for (A, $($others),+)
        where
            $(Futures: SameOutput<A::Output, $others::Output>),+
        {
            type Output = A::Output;
            type Field = And<Racer<A>, field!(type $($others)+)>;

            #[allow(non_snake_case)]
            fn field(self) -> Self::Field {
                let (first, $($others),+) = self;
                And { first: Racer::new(first), others: field!($($others)+) }
            }
        }
    };
}

tuple!(B);
tuple!(B C);
tuple!(B C D);
tuple!(B C D E);
tuple!(B C D E F);
tuple!(B C D E F G);
tuple!(B C D E F G H);

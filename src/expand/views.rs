//! Whether a value of any type has failed: whether it is an `Err`, or an `Ok` with an `Err` in it,
//! to a depth of nine `Result`s.
//!
//! A trait bound or a method probe would take part in type inference. Bodies such as
//! `{ text.parse().unwrap() }` and `async` blocks without annotations would stop compiling, and
//! generic code would get the wrong answer. So there is no bound.
//!
//! Casts find out how many `Result`s there are. The compiler checks them when it has inferred all
//! types, so they neither need a type early nor influence one. What is in the last `Result` is no
//! `Result`, or its type is generic: there [`is_err`] decides.

use core::convert::Infallible;
use core::marker::PhantomData;
use core::ops::Deref;

use super::is_err::is_err;
use super::returns::unreached;

/// A view of a value as an `X`: as it is, or as if it were in a few `Ok`s. `V` is what it holds of
/// the value, and `N` the next view.
#[derive(Debug)]
pub struct View<X, V, N> {
    value: V,
    next: N,
    shape: PhantomData<fn() -> X>,
}

/// The views of a `V`: as it is, and in one `Ok` to four.
pub type Views<'a, V> = View<
    V,
    Within<'a, V>,
    View<InOk<V>, Within<'a, V>, View<InOk<InOk<V>>, Within<'a, V>, LastViews<'a, V>>>,
>;

type LastViews<'a, V> =
    View<InOk<InOk<InOk<V>>>, Within<'a, V>, View<InFour<V>, Within<'a, V>, ()>>;

type InOk<V> = Result<V, Infallible>;

type InFour<V> = InOk<InOk<InOk<InOk<V>>>>;

/// A value within `Result`s. `None` if one of them is an `Err`.
type Within<'a, V> = Option<&'a V>;

/// A view as four `Result`s, one in another.
///
/// `&views as &Nested<…>` is the first view that is one. The compiler tries the value as it is, and
/// then dereferences one view after the other. A value of two `Result`s is taken in two `Ok`s more,
/// and one that is no `Result` in four: so the type tells how many there are.
pub type Nested<T, A, B, C, D, V, N> = View<Result<Result<Result<Result<T, A>, B>, C>, D>, V, N>;

impl<X, V, N> View<X, V, N> {
    const fn new(value: V, next: N) -> Self {
        View {
            value,
            next,
            shape: PhantomData,
        }
    }
}

/// The views of a value.
#[inline]
#[must_use]
pub const fn views<V>(value: &V) -> Views<'_, V> {
    views_within(Some(value))
}

#[inline]
const fn views_within<V>(value: Within<'_, V>) -> Views<'_, V> {
    let last = View::new(value, View::new(value, ()));
    View::new(value, View::new(value, View::new(value, last)))
}

impl<X, V, Y, W, N> Deref for View<X, V, View<Y, W, N>> {
    type Target = View<Y, W, N>;

    #[inline]
    fn deref(&self) -> &Self::Target {
        &self.next
    }
}

/// A view that tells how many `Result`s there are.
pub trait Judged<'a> {
    /// What is in the last of them.
    type Last: 'a;
    /// The views of that, or the end of the search.
    type Rest;

    /// What is in the last of them.
    fn last(&self) -> Within<'a, Self::Last>;

    /// The views of that, or the end of the search.
    fn rest(&self) -> Self::Rest;
}

/// Judges values of so many `Result`s. First come the errors of those, and then the errors of the
/// `Ok`s around them, which have none.
macro_rules! judged {
    ($(
        $value:ty: [$($error:ident)*] [$($none:ident)*],
        |$last:ident| $pattern:pat => $rest:ident: $Rest:ty;
    )*) => {
        $(
            impl<'a, T, $($error,)* N> Judged<'a>
                for Nested<T, $($error,)* $($none,)* Within<'a, $value>, N>
            {
                type Last = T;
                type Rest = $Rest;

                #[inline]
                fn last(&self) -> Within<'a, T> {
                    match self.value {
                        Some($pattern) => Some($last),
                        _ => None,
                    }
                }

                #[inline]
                fn rest(&self) -> Self::Rest {
                    $rest(self.last())
                }
            }
        )*
    };
}

// Behind the last of four `Result`s there may be more.
judged! {
    Result<Result<Result<Result<T, A>, B>, C>, D>: [A B C D] [],
    |value| Ok(Ok(Ok(Ok(value)))) => views_within: Views<'a, T>;

    Result<Result<Result<T, A>, B>, C>: [A B C] [Infallible],
    |value| Ok(Ok(Ok(value))) => found: Found;

    Result<Result<T, A>, B>: [A B] [Infallible Infallible],
    |value| Ok(Ok(value)) => found: Found;

    Result<T, A>: [A] [Infallible Infallible Infallible],
    |value| Ok(value) => found: Found;

    T: [] [Infallible Infallible Infallible Infallible],
    |value| value => found: Found;
}

/// The end of the search: there are no more `Result`s. It holds whether the value has failed.
pub type Found = View<InFour<Infallible>, bool, ()>;

#[inline]
fn found<T>(value: Within<'_, T>) -> Found {
    View::new(value.is_none_or(is_err), ())
}

impl<'a> Judged<'a> for Found {
    type Last = ();
    type Rest = ();

    #[inline]
    fn last(&self) -> Within<'a, ()> {
        if self.value { None } else { Some(&()) }
    }

    #[inline]
    fn rest(&self) {}
}

/// The value, for code that is never reached.
///
/// # Panics
///
/// Always.
#[must_use]
pub fn value<V>(_: &Views<'_, V>) -> V {
    unreached()
}

/// Takes the value behind a cast that needs its type.
pub fn known<V>(_: &Views<'_, V>, _: V) {}

/// The views of what is in the last `Result` that a cast has found.
#[inline]
#[must_use]
pub fn rest<'a, J: Judged<'a>>(view: &J) -> J::Rest {
    view.rest()
}

/// Whether a value has failed, of which a cast has found the view.
#[inline]
#[must_use]
pub fn has_failed<'a>(view: &impl Judged<'a>) -> bool {
    view.last().is_none_or(is_err)
}

/// Whether a value has failed in which no `Result` is within another one.
#[inline]
#[must_use]
pub fn is_error<V>(views: &Views<'_, V>) -> bool {
    views.value.is_none_or(is_err)
}

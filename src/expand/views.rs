//! Whether a value of any type has failed: whether it is an `Err`, or an `Ok` with an `Err` in it,
//! to a depth of nine `Result`s.
//!
//! A trait bound of the value's type or a method probe would take part in type inference. Bodies
//! such as `{ text.parse().unwrap() }` and `async` blocks without annotations would stop compiling,
//! and generic code would get the wrong answer. The one bound, [`ErrorsOf`], is of types that only
//! a cast and the value decide.
//!
//! Casts find out how many `Result`s there are. The compiler checks them when it has inferred all
//! types, so they neither need a type early nor influence one. What is in the last `Result` is no
//! `Result`, or its type is generic: there [`is_err`] decides.

use core::convert::Infallible;
use core::marker::PhantomData;
use core::ops::Deref;

use super::is_err::is_err;
use super::returns::unreached;

/// A value within `Result`s, and the first of the views of its type.
#[derive(Debug)]
pub struct Views<'a, V> {
    value: Within<'a, V>,
    first: View<V, V>,
}

/// A value within `Result`s. `None` if one of them is an `Err`.
type Within<'a, V> = Option<&'a V>;

/// A view of a `V` as an `X`: as it is, or as if it were in a few `Ok`s. It derefs to the view of
/// it in one `Ok` more.
#[derive(Debug)]
pub struct View<X, V>(PhantomData<fn() -> (X, V)>);

type InOk<V> = Result<V, Infallible>;

/// A view as four `Result`s, one in another.
///
/// In `rest(views, views as _)`, the cast gives the first view that is one. The compiler tries the
/// value as it is, and then dereferences one view after the other. A value of two `Result`s is
/// taken in two `Ok`s more, and one that is no `Result` in four: so the type tells how many there
/// are.
///
/// The cast names no type, so each part of this one is a type that the call infers. Written out as
/// `_`, they would stay open to the end of the function, and a check takes longer for it. Where the
/// value's type is known and no `Result`, there is one [`ErrorsOf`] it, and the compiler need not
/// wait for the cast.
pub type Nested<T, A, B, C, D, V> = View<Result<Result<Result<Result<T, A>, B>, C>, D>, V>;

/// The views of a value.
#[inline]
#[must_use]
pub const fn views<V>(value: &V) -> Views<'_, V> {
    Views {
        value: Some(value),
        first: View::THIS,
    }
}

impl<V> Deref for Views<'_, V> {
    type Target = View<V, V>;

    #[inline]
    fn deref(&self) -> &Self::Target {
        &self.first
    }
}

impl<X, V> View<X, V> {
    const THIS: Self = View(PhantomData);
}

impl<X, V> Deref for View<X, V> {
    type Target = View<InOk<X>, V>;

    #[inline]
    fn deref(&self) -> &Self::Target {
        &View::THIS
    }
}

/// The errors of `Result`s, from the innermost to the outermost: those of a `V` with a `T` in the
/// last of them, and those of the `Ok`s around it, which have none.
pub trait ErrorsOf<V, T> {
    /// What is in the last `Result`, if all are `Ok`.
    fn last(value: &V) -> Within<'_, T>;
}

macro_rules! errors_of {
    ($($value:ty: [$($error:ident)*] [$($none:ident)*] |$last:ident| $pattern:pat,)*) => {
        $(
            impl<T, $($error),*> ErrorsOf<$value, T> for ($($error,)* $($none,)*) {
                #[inline]
                fn last(value: &$value) -> Within<'_, T> {
                    match value {
                        $pattern => Some($last),
                        #[allow(unreachable_patterns, reason = "what is no `Result`")]
                        _ => None,
                    }
                }
            }
        )*
    };
}

errors_of! {
    Result<Result<Result<Result<T, A>, B>, C>, D>: [A B C D] [] |value| Ok(Ok(Ok(Ok(value)))),
    Result<Result<Result<T, A>, B>, C>: [A B C] [Infallible] |value| Ok(Ok(Ok(value))),
    Result<Result<T, A>, B>: [A B] [Infallible Infallible] |value| Ok(Ok(value)),
    Result<T, A>: [A] [Infallible Infallible Infallible] |value| Ok(value),
    T: [] [Infallible Infallible Infallible Infallible] |value| value,
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

/// The views of what is in the last `Result` that a cast has found. There may be more behind it.
#[inline]
#[must_use]
pub fn rest<'a, T, A, B, C, D, V>(
    views: &Views<'a, V>,
    _: &Nested<T, A, B, C, D, V>,
) -> Views<'a, T>
where
    (A, B, C, D): ErrorsOf<V, T>,
{
    Views {
        value: views.value.and_then(<(A, B, C, D)>::last),
        first: View::THIS,
    }
}

/// Whether a value has failed, of which a cast has found the view.
#[inline]
#[must_use]
pub fn has_failed<T, A, B, C, D, V>(views: &Views<'_, V>, found: &Nested<T, A, B, C, D, V>) -> bool
where
    (A, B, C, D): ErrorsOf<V, T>,
{
    is_error(&rest(views, found))
}

/// Whether a value has failed in which no `Result` is within another one.
#[inline]
#[must_use]
pub fn is_error<V>(views: &Views<'_, V>) -> bool {
    views.value.is_none_or(is_err)
}

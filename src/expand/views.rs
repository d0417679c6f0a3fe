//! Whether a value of any type has failed: whether it is an `Err`, or an `Ok` with an `Err` in it,
//! to a depth of nine `Result`s.
//!
//! A trait bound of the value's type or a method probe would take part in type inference. Bodies
//! such as `{ text.parse().unwrap() }` and `async` blocks without annotations would stop compiling,
//! and generic code would get the wrong answer. The one bound, [`ErrorsOf`], is of types that only
//! a cast and the value decide.
//!
//! A cast finds out how many `Result`s there are. The compiler checks it when it has inferred all
//! types, so it neither needs a type early nor influences one. What is in the last `Result` is no
//! `Result`, or its type is generic: there [`is_err`] decides.

use core::convert::Infallible;
use core::marker::PhantomData;
use core::ops::Deref;

use super::is_err::is_err;
use super::returns::unreached;

/// A value, and the first of the views of its type.
#[derive(Debug)]
pub struct Views<'a, V> {
    value: &'a V,
    first: View<V, V>,
}

/// A view of a `V` as an `X`: as it is, or as if it were in a few `Ok`s. It derefs to the view of
/// it in one `Ok` more.
#[derive(Debug)]
pub struct View<X, V>(PhantomData<fn() -> (X, V)>);

type InOk<V> = Result<V, Infallible>;

/// The type of a `T` in `Result`s with these errors, from the innermost to the outermost.
macro_rules! within {
    ($inner:ty,) => { $inner };
    ($inner:ty, $error:ident $($outer:ident)*) => { within!(Result<$inner, $error>, $($outer)*) };
}

/// A view as eight `Result`s, one in another.
///
/// In `has_failed(views, views as _)`, the cast gives the first view that is one. The compiler
/// tries the value as it is, and then dereferences one view after the other. A value of two
/// `Result`s is taken in six `Ok`s more, and one that is no `Result` in eight: so the type tells
/// how many there are.
///
/// The cast names no type, so each part of this one is a type that the call infers. Written out as
/// `_`, they would stay open to the end of the function, and a check takes longer for it. Where the
/// value's type is known and no `Result`, there is one [`ErrorsOf`] it, and the compiler need not
/// wait for the cast.
pub type Nested<T, A, B, C, D, E, F, G, H, V> = View<within!(T, A B C D E F G H), V>;

/// The views of a value.
#[inline]
#[must_use]
pub const fn views<V>(value: &V) -> Views<'_, V> {
    Views {
        value,
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
    fn last(value: &V) -> Option<&T>;
}

/// Implements [`ErrorsOf`] for so many errors.
macro_rules! errors_of {
    ($([$($error:ident)*] [$($none:ident)*])*) => {
        $(
            impl<T, $($error),*> ErrorsOf<within!(T, $($error)*), T> for ($($error,)* $($none,)*) {
                #[inline]
                fn last(value: &within!(T, $($error)*)) -> Option<&T> {
                    errors_of!(@ value last (last) $($error)*)
                }
            }
        )*
    };
    (@ $value:ident $last:ident ($pattern:pat) $error:ident $($outer:ident)*) => {
        errors_of!(@ $value $last (Ok($pattern)) $($outer)*)
    };
    (@ $value:ident $last:ident ($pattern:pat)) => {
        match $value {
            $pattern => Some($last),
            #[allow(unreachable_patterns, reason = "what is no `Result`")]
            _ => None,
        }
    };
}

errors_of! {
    [A B C D E F G H] []
    [A B C D E F G] [Infallible]
    [A B C D E F] [Infallible Infallible]
    [A B C D E] [Infallible Infallible Infallible]
    [A B C D] [Infallible Infallible Infallible Infallible]
    [A B C] [Infallible Infallible Infallible Infallible Infallible]
    [A B] [Infallible Infallible Infallible Infallible Infallible Infallible]
    [A] [Infallible Infallible Infallible Infallible Infallible Infallible Infallible]
    [] [Infallible Infallible Infallible Infallible Infallible Infallible Infallible Infallible]
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
///
/// # Panics
///
/// Always.
#[must_use]
pub fn known<V>(_: &Views<'_, V>, _: V) -> bool {
    unreached()
}

/// Whether a value has failed, of which a cast has found the view. In the last `Result` that the
/// cast has found there may be one more.
#[inline]
#[must_use]
pub fn has_failed<T, A, B, C, D, E, F, G, H, V>(
    views: &Views<'_, V>,
    _: &Nested<T, A, B, C, D, E, F, G, H, V>,
) -> bool
where
    (A, B, C, D, E, F, G, H): ErrorsOf<V, T>,
{
    <(A, B, C, D, E, F, G, H)>::last(views.value).is_none_or(is_err)
}

/// Whether a value has failed in which no `Result` is within another one.
#[inline]
#[must_use]
pub fn is_error<V>(views: &Views<'_, V>) -> bool {
    is_err(views.value)
}

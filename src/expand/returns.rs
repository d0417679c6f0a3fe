//! Helpers that do nothing at run time: types for inference, and moves.

use core::marker::PhantomData;

/// A placeholder for a value of the enclosing function's return type.
///
/// An expansion returns it behind `if false`. So a body knows the type before its first own
/// `return`, and coerces to it.
pub struct Returns<R>(PhantomData<fn() -> R>);

impl<R> Returns<R> {
    /// A pair, for the enclosing function and for the body.
    ///
    /// They are not `Copy`: the body takes its own by value, which costs no byte. A reference would
    /// cost eight.
    #[inline]
    #[must_use]
    pub const fn pair() -> (Self, Self) {
        (Returns(PhantomData), Returns(PhantomData))
    }

    /// The value, which is never asked for.
    ///
    /// # Panics
    ///
    /// Always.
    #[must_use]
    pub fn value(self) -> R {
        unreached()
    }
}

/// A value of any type, for code that is never reached.
///
/// # Panics
///
/// Always.
#[must_use]
pub fn unreached<T>() -> T {
    unreachable!("the value is only there for its type")
}

/// Moves a value as a whole.
///
/// A local that is moved from takes no more bytes in the future, and the one that is moved to takes
/// none before. With a plain `match` or block both would.
#[inline]
#[must_use]
pub fn moved<T>(value: T) -> T {
    value
}

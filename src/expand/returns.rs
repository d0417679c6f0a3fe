//! The type of a value that there is not, and a move.

use core::marker::PhantomData;

/// Stands for a value of the enclosing function's return type, so that a body learns the type
/// before its first own `return`, and coerces to it.
pub struct Returns<R>(PhantomData<fn() -> R>);

impl<R> Returns<R> {
    /// One for the enclosing function and one for the body: not `Copy`, so that the body takes its
    /// own by value, which costs no byte, where a reference would cost eight.
    #[inline]
    #[must_use]
    pub const fn pair() -> (Self, Self) {
        (Returns(PhantomData), Returns(PhantomData))
    }

    /// Stands behind `if false`.
    ///
    /// # Panics
    ///
    /// Always.
    #[must_use]
    pub fn value(self) -> R {
        unreachable!("it stands for the type of a value, and there is none")
    }
}

/// Moves a value as a whole. A local that is moved from so takes no place in the future any more, and
/// one that is moved to takes none before; a `match` or a block by itself would keep both.
#[inline]
#[must_use]
pub fn moved<T>(value: T) -> T {
    value
}

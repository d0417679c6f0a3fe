//! What an `async_with!` expands to: the resource held, the body driven, the exit awaited.
//!
//! An expansion goes through these: it passes a [`Checkpoint`], the resource is [`Held`], a [`Stay`] in it begins, [`Drive`] polls the
//! [`Body`], which says in [`leave`] how it left, its [`End`](body::End) decides the outcome, the exit runs as
//! [`Exiting`], and [`Stay::settle`] weighs the two.
//!
//! What is common is to be short, above all in the function that polls the future of the user, into which all of it is inlined: a resource
//! outside of scopes, a body that departs, an exit that fails not. So whatever else there is stands in functions of its own. They give
//! what they give through a reference, and what has a destructor has a short one, so that the rest can stay in registers.

mod body;
mod checkpoint;
mod exiting;
mod held;
mod is_err;
mod leaving;
pub(crate) mod panic;
mod settle;
mod stay;

pub use body::{Body, Drive, Running};
pub use checkpoint::Checkpoint;
#[cfg(feature = "std")]
pub(crate) use exiting::Exit;
pub use exiting::{Exiting, begin};
pub use held::{Held, enterable, hold};
pub use leaving::{carry, carry_scope, leave};
pub use settle::{Way, error_of, same_error};
pub use stay::Stay;

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

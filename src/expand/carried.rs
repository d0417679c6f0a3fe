//! One place for every value that a body may end with: it ends in one way only.

use crate::util::never::never;

/// The value that is carried out of a body which has jumps with values. `A` to `G` are the types of
/// those; there are no values of an unused one, so that it takes no room.
///
/// A body without such jumps carries its value in an [`Option`].
#[derive(Debug)]
pub enum Carried<V, A, B, C, D, E, F, G> {
    /// The body has not ended.
    None,
    /// The value of the body.
    End(V),
    /// The value of the first jump.
    A(A),
    /// The value of the second jump.
    B(B),
    /// The value of the third jump.
    C(C),
    /// The value of the fourth jump.
    D(D),
    /// The value of the fifth jump.
    E(E),
    /// The value of the sixth jump.
    F(F),
    /// The value of the seventh jump.
    G(G),
}

macro_rules! unwrap {
    ($($unwrap:ident $variant:ident,)*) => {
        impl<V, A, B, C, D, E, F, G> Carried<V, A, B, C, D, E, F, G> {
            $(
                /// The value of a jump, where that is the way that was taken.
                #[inline]
                pub fn $unwrap(self) -> $variant {
                    match self {
                        Carried::$variant(value) => value,
                        _ => never(),
                    }
                }
            )*
        }
    };
}

unwrap! {
    unwrap_a A,
    unwrap_b B,
    unwrap_c C,
    unwrap_d D,
    unwrap_e E,
    unwrap_f F,
    unwrap_g G,
}

/// A place for the value of a body, or of a jump.
pub trait Stored {
    /// What is stored.
    type Value;

    /// The value, where its way is the one that was taken.
    fn take(self) -> Self::Value;
}

impl<V> Stored for Option<V> {
    type Value = V;

    #[inline]
    fn take(self) -> V {
        self.unwrap_or_else(|| never())
    }
}

impl<V, A, B, C, D, E, F, G> Stored for Carried<V, A, B, C, D, E, F, G> {
    type Value = V;

    #[inline]
    fn take(self) -> V {
        match self {
            Carried::End(value) => value,
            _ => never(),
        }
    }
}

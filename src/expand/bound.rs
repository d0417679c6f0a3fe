//! What a body gets of its resource.

/// A resource that a body is about to get.
///
/// [`bind`](ToBind::bind) gives the value in it if it is one of our adapters around a value of
/// another crate. For all others, [`Bind::bind`] gives the resource itself: the compiler takes a
/// trait's method only where there is no other.
pub struct ToBind<'a, R>(pub(super) &'a mut R);

/// An adapter around a value, which stands for the value.
pub trait HoldsValue {
    type Value;

    fn value_mut(&mut self) -> &mut Self::Value;
}

impl<'a, R: HoldsValue> ToBind<'a, R> {
    /// The value in the resource.
    #[inline]
    #[must_use]
    pub fn bind(self) -> &'a mut R::Value {
        self.0.value_mut()
    }
}

/// Binds any resource as itself.
pub trait Bind {
    /// What the body gets.
    type Bound;

    /// The resource itself.
    fn bind(self) -> Self::Bound;
}

impl<'a, R> Bind for ToBind<'a, R> {
    type Bound = &'a mut R;

    #[inline]
    fn bind(self) -> &'a mut R {
        self.0
    }
}

//! Whether a value of any type has failed: whether it is an `Err`, or an `Ok` with an `Err` in it.
//!
//! A trait bound or a method probe would take part in type inference. Bodies such as
//! `{ text.parse().unwrap() }` and `async` blocks without annotations would stop compiling, and
//! generic code would get the wrong answer. So there is no bound.
//!
//! Where the compiler knows the type, [`has_failed!`](crate::__has_failed) opens each `Result` by a
//! cast, which is checked when all types have been inferred. What remains is a type that is no
//! `Result` or that is generic: it is recognised as one by its name, and an `Err` by its
//! discriminant. All of it folds; one load for each `Result` remains.

use core::any::type_name;
use core::convert::Infallible;
use core::hash::{Hash, Hasher};
use core::mem::discriminant;
use core::ops::Deref;

/// What is known of a value that may have failed.
#[derive(Debug)]
pub struct Verdict<'a, V> {
    /// The value to judge. `None` if the verdict is final.
    open: Option<&'a V>,
    has_failed: bool,
}

/// The verdict on a type that is known to be a `Result`.
pub type ResultVerdict<'a, T, E> = Verdict<'a, Result<T, E>>;

impl<'a, V> Verdict<'a, V> {
    /// Nothing is known of the value yet.
    #[inline]
    #[must_use]
    pub const fn open(value: &'a V) -> Self {
        Verdict {
            open: Some(value),
            has_failed: false,
        }
    }

    #[inline]
    const fn closed(has_failed: bool) -> Self {
        Verdict {
            open: None,
            has_failed,
        }
    }

    /// The value, which is never asked for: it is only there for its type.
    #[must_use]
    pub fn value(&self) -> V {
        unreachable!("the value is only there for its type")
    }

    /// Takes the value behind the cast that needs its type.
    pub fn known(&self, _: V) {}

    /// Whether the value has failed. The last step: what is still open is judged by its name.
    #[inline]
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.has_failed || matches!(self.open, Some(value) if is_err(value))
    }
}

impl<'a, T, E> ResultVerdict<'a, T, E> {
    /// The verdict on the value in the `Ok`.
    #[inline]
    #[must_use]
    pub const fn of_ok(&self) -> Verdict<'a, T> {
        match self.open {
            Some(Ok(value)) => Verdict::open(value),
            Some(Err(_)) => Verdict::closed(true),
            None => Verdict::closed(self.has_failed),
        }
    }
}

/// The coercion for types that are no `Result`. It closes the verdict.
///
/// A cast to `&ResultVerdict<'_, _, _>` leaves a `Result` as it is, because the compiler tries the
/// type itself first. It dereferences any other type once, and arrives here.
impl<'a, V> Deref for Verdict<'a, V> {
    type Target = ResultVerdict<'a, Infallible, Infallible>;

    #[inline]
    fn deref(&self) -> &Self::Target {
        // By its path, because a method call would dereference in search of others.
        if Verdict::has_failed(self) {
            &Verdict::<'a, Result<Infallible, Infallible>> {
                open: None,
                has_failed: true,
            }
        } else {
            &Verdict::<'a, Result<Infallible, Infallible>> {
                open: None,
                has_failed: false,
            }
        }
    }
}

/// Whether the value of a [`Verdict`] has failed, to a depth of eight `Result`s.
///
/// Each step is a cast. The compiler checks casts after it has inferred all types, so they neither
/// need a type early nor influence one. The cast behind `if false` never runs: if the type of the
/// value is not known by then, the compiler says so there, and does not take it for a `Result`.
#[doc(hidden)]
#[macro_export]
macro_rules! __has_failed {
    ($verdict:ident) => {{
        #[allow(unreachable_code, clippy::diverging_sub_expression)]
        if false {
            $crate::__private::Verdict::known(
                &$verdict,
                $crate::__private::Verdict::value(&$verdict) as _,
            );
        }
        $crate::__has_failed!($verdict, 0 0 0 0 0 0 0 0)
    }};
    ($verdict:ident, $step:tt $($steps:tt)*) => {{
        let verdict = $crate::__private::Verdict::of_ok(
            &$verdict as &$crate::__private::ResultVerdict<'_, _, _>,
        );
        $crate::__has_failed!(verdict, $($steps)*)
    }};
    ($verdict:ident,) => {
        $crate::__private::Verdict::has_failed(&$verdict)
    };
}

/// Whether a value has failed in which no `Result` is within another one.
#[inline]
#[must_use]
#[expect(
    clippy::needless_pass_by_value,
    reason = "called as a closure for any depth is"
)]
pub fn is_error<V>(verdict: Verdict<'_, V>) -> bool {
    Verdict::has_failed(&verdict)
}

/// Whether `value` is an `Err`, by the name of its type. Anything else than a `Result` is no
/// failure: `None` is an answer.
#[inline]
fn is_err<V>(value: &V) -> bool {
    is_result::<V>() && fingerprint(value) == fingerprint(&Err::<(), ()>(()))
}

/// Whether `V` is a `Result`, by its name up to the `<`.
#[inline]
fn is_result<V>() -> bool {
    let (name, model) = (
        type_name::<V>().as_bytes(),
        type_name::<Result<(), ()>>().as_bytes(),
    );
    let stem = model.len() - "(), ()>".len();
    name.len() > stem && name[..stem] == model[..stem]
}

/// A number for the variant of an enum, whatever its fields are.
#[inline]
fn fingerprint<V>(value: &V) -> u64 {
    let mut hasher = Fingerprint(0);
    discriminant(value).hash(&mut hasher);
    hasher.0
}

/// A hasher that keeps its input: discriminants are few, and need no mixing.
struct Fingerprint(u64);

impl Hasher for Fingerprint {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0 << 8 | u64::from(*byte);
        }
    }

    #[inline]
    fn write_isize(&mut self, discriminant: isize) {
        #[expect(
            clippy::cast_sign_loss,
            reason = "only compared with another such number"
        )]
        {
            self.0 = discriminant as u64;
        }
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::is_err;
    use core::num::NonZeroU8;

    /// The guard for a new compiler: every layout that a `Result` can have.
    #[test]
    fn every_layout_of_a_result() {
        // A byte of its own for the discriminant.
        assert!(is_err(&Err::<u8, u8>(1)));
        assert!(!is_err(&Ok::<u8, u8>(1)));
        // A niche in `Ok`, a niche in `Err`, in both, in neither.
        assert!(is_err(&Err::<NonZeroU8, ()>(())));
        assert!(!is_err(&Ok::<NonZeroU8, ()>(NonZeroU8::MIN)));
        assert!(is_err(&Err::<(), NonZeroU8>(NonZeroU8::MIN)));
        assert!(!is_err(&Ok::<(), NonZeroU8>(())));
        assert!(is_err(&Err::<&str, &str>("no")));
        assert!(!is_err(&Ok::<&str, &str>("yes")));
        assert!(is_err(&Err::<bool, bool>(false)));
        assert!(!is_err(&Ok::<bool, bool>(true)));
        // Nothing at all to store.
        assert!(is_err(&Err::<(), ()>(())));
        assert!(!is_err(&Ok::<(), ()>(())));
        assert!(is_err(&Err::<core::convert::Infallible, ()>(())));
        assert!(!is_err(&Ok::<(), core::convert::Infallible>(())));
    }

    #[test]
    fn nested_results_count_by_the_outermost() {
        assert!(!is_err(&Ok::<Result<(), u8>, u8>(Err(1))));
        assert!(is_err(&Err::<Result<(), u8>, Result<(), u8>>(Ok(()))));
    }

    #[test]
    fn nothing_else_is_a_failure() {
        enum Result<T, E> {
            Ok(T),
            Err(E),
        }
        assert!(!is_err(&Result::<(), ()>::Err(())));
        assert!(!is_err(&Result::<(), ()>::Ok(())));
        assert!(!is_err(&None::<u8>));
        assert!(!is_err(&Some(Err::<(), ()>(()))));
        assert!(!is_err(&"Result<"));
        assert!(!is_err(&core::ops::ControlFlow::<(), ()>::Break(())));
        assert!(!is_err(&&Err::<(), ()>(())));
        assert!(!is_err(&()));
    }

    #[test]
    fn generic_code_gets_the_same_answer() {
        fn ask<V>(value: &V) -> bool {
            is_err(value)
        }
        assert!(ask(&Err::<(), std::string::String>("no".into())));
        assert!(!ask(&Ok::<std::vec::Vec<u8>, ()>(std::vec![1])));
        assert!(!ask(&7));
    }
}

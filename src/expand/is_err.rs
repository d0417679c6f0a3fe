//! Whether a value of any type is an `Err`, by the name of its type and its discriminant.
//!
//! It takes no part in type inference, and tells of values of generic types, too. All of it folds
//! to one load at most.

use core::any::type_name;
use core::hash::{Hash, Hasher};
use core::mem::discriminant;

/// Whether `value` is an `Err`, by the name of its type. Anything else than a `Result` is no
/// failure: `None` is an answer.
#[inline]
pub(super) fn is_err<V>(value: &V) -> bool {
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

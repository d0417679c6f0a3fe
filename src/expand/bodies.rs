//! The closure that makes the bodies of a concurrent loop.

/// The closure of a loop: it makes the body of an item.
///
/// The compiler refuses a body that changes a local, and knows of no remedy. But it prints the name
/// of the macro from which the closure comes. So this is a macro of its own, and expansions call it
/// by a name that is a sentence.
#[doc(hidden)]
#[macro_export]
macro_rules! __bodies {
    ($fetched:ident, $body:tt) => {
        |$fetched| async $body
    };
}

//! What the macros expand to.
//!
//! # A resource: `async_with!`
//!
//! An expansion, such as `macros/src/tests/expanded/one_resource.rs`, goes through these in order:
//!
//! 1. [`Checkpoint`]: in a scope that is cancelled nothing new is entered.
//! 2. [`enter`]: the enter runs, and is observed.
//! 3. [`Held`]: the resource is kept, and abandoned if the future is dropped now.
//! 4. [`Stay`]: the state that body and exit share.
//! 5. [`Drive`]: polls the [`Body`] until it has ended, and drops it. Its [`End`](end::End) decides
//!    the outcome, and its value is [judged](views). A body that can mark
//!    itself as failed has a [`Mark`], too.
//! 6. [`begin_exit`] gives [`Exiting`]: the exit runs.
//! 7. [`Stay::settle`]: of the body's end and the exit's, one decides how the code continues.
//!
//! # A loop: `async_for!`
//!
//! [`looped`] finds out which it is. [`Items`] asks a stream for items, and
//! [`Turns`](turns::Turns) a source. [`Until`] polls the future that ends the loop.
//!
//! # Terms
//!
//! - *Body*: the user's block, as an async block that is polled in place.
//! - *Departure*: the way out of a body other than by `return` or `?`: its end or a
//!   jump.
//! - *End*: how a body ended: by a departure, with a value of the enclosing function, by a panic or
//!   a cancellation.
//! - *Outcome*: what the exit is told about the end.
//!
//! # Invariants
//!
//! 1. A body is dropped before its exit begins, so that nothing of it is in the exit's way.
//! 2. An exit begins exactly once, unless its resource is abandoned: a [`Held`] that is not
//!    released abandons.
//! 3. A panic of the body, of the exit or of a destructor is caught where it happens. It resumes in
//!    [`Stay::settle`], behind the exit.
//! 4. Behind an exit that a cancellation began, nothing runs: [`Exiting`] stays pending.
//!
//! # The fast path
//!
//! All of this is inlined into the function that polls the user's future. So the fast path is kept
//! short: no scope around, no panic, no error of the exit. Everything else is a function of its
//! own, which gives its result through a reference, so that values of the fast path stay in
//! registers.
//!
//! LLVM optimises a function before it inlines it into the next one. So between the user's future
//! and its body, each function is optimised with all of the body in it. `inline(always)` inlines
//! them first, closures and the body itself, too: that took a quarter of a release build away. The
//! one that std calls to catch a panic is left. In a debug build they stay functions.

mod bodies;
#[allow(
    unsafe_code,
    reason = "pins bodies by hand: each would have a projection's functions"
)]
mod body;
mod bound;
mod carried;
mod checkpoint;
mod departure;
mod end;
mod enter;
mod exiting;
mod held;
mod is_err;
#[allow(
    unsafe_code,
    reason = "pins and polls by hand, where `pin!` and `poll_fn` would cost"
)]
mod items;
mod looped;
mod mark;
mod returns;
mod settle;
mod stay;
mod turns;
mod views;

pub use body::{Body, Code, Drive, Outermost, drive};
pub use bound::{Bind, HoldsValue};
pub use carried::{Carried, Stored};
pub use checkpoint::Checkpoint;
pub use departure::{carry, carry_end};
pub use enter::enter;
pub use exiting::Exiting;
pub use held::Held;
#[cfg(feature = "std")]
pub use items::run_turn;
pub use items::{NEVER, ThisPoll, Until, until};
pub use looped::{SourceLoop, StreamOrSource, looped};
pub use mark::Mark;
pub use returns::{Returns, moved, unreached};
pub use settle::{error_of, failed, same_error};
pub use stay::{Stay, begin_exit, leave};
pub use views::{has_failed, is_error, known, value, views};

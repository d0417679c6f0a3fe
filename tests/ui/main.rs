//! What the compiler accepts, and what it says about misuse.
//!
//! - `fail/` has a file for each kind of misuse and beside it the compiler's messages. They must
//!   point at the user's own tokens and name the fix. `UPDATE_EXPECT=1 cargo test --test ui`
//!   records them anew; read them before you keep them.
//! - `pass/` has code that must compile and run.
//! - `warned/` has a program that must work although the compiler warns of it.

mod compiler;
mod messages;
mod misuse;
#[allow(
    warnings,
    clippy::all,
    clippy::pedantic,
    reason = "the code is unusual on purpose"
)]
mod pass;
mod support;
mod warned;

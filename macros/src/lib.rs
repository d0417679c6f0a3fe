#![forbid(unsafe_code)]
//! The procedural macros behind [`forwith`](https://docs.rs/forwith). Use them through that crate:
//! its wrapper macros put the path to itself in front of the input, and the expansion names items
//! under that path.
//!
//! A call goes through three stages (`expand.rs` connects them):
//!
//! 1. `parse` splits the user's tokens into the parts of the call and collects every mistake.
//! 2. `jumps` finds the `break`s and `continue`s that leave the body.
//! 3. `write` generates the code. The user's tokens keep their spans and are copied unchanged, but
//!    for the jumps that leave the body of an `async_with!`.
//!
//! Mistakes are reported *beside* the expansion wherever there is one, so that an editor can still
//! complete inside the call and the compiler does not report follow-up errors.

mod call;
mod expand;
mod extent;
mod jumps;
mod parse;
#[cfg(test)]
mod tests;
mod tokens;
mod write;

/// See `forwith::async_for!`.
#[proc_macro]
pub fn async_for(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand::async_for(input.into()).into()
}

/// See `forwith::async_with!`.
#[proc_macro]
pub fn async_with(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand::async_with(input.into()).into()
}

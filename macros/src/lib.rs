#![forbid(unsafe_code)]
//! The procedural macros behind [`forwith`](https://docs.rs/forwith). Use them through it: they expand to
//! paths into that crate, which its wrappers pass in front of the input.
//!
//! Each macro goes through two stages, a file each: `parse` finds the parts in the user's tokens and
//! collects every mistake, `expand` writes the code. The user's tokens are passed on as they are, with
//! their spans, and what is rewritten in them are only the jumps that leave the body of an
//! `async_with!` (`jumps`). A mistake is reported *beside* the expansion wherever there is one, so
//! that an editor still completes in it and the compiler does not complain twice.

mod async_for;
mod async_with;
mod errors;
mod jumps;
#[cfg(test)]
mod snapshots;
mod tokens;

use proc_macro2::{TokenStream, TokenTree};

use errors::Errors;
use tokens::Input;

/// See `forwith::async_for!`.
#[proc_macro]
pub fn async_for(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    async_for::expand(input.into()).into()
}

/// See `forwith::async_with!`.
#[proc_macro]
pub fn async_with(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    async_with::expand(input.into()).into()
}

/// The way from the input to the output, which is that of both macros.
fn expand<T>(
    input: TokenStream,
    parse: fn(&[TokenTree], &mut Errors) -> Option<T>,
    write: fn(T) -> TokenStream,
) -> TokenStream {
    let input = Input::new(input);
    let mut errors = Errors::default();
    let code = match parse(&input.tokens, &mut errors) {
        Some(parsed) => input.in_scope(&write(parsed)),
        None => TokenStream::new(),
    };
    errors.beside(code)
}

//! The stages of a call, from its input to its expansion.

use proc_macro2::{TokenStream, TokenTree};

use crate::call::{Errors, Input};
use crate::{parse, write};

/// Expands a call of `async_for!`.
pub(crate) fn async_for(input: TokenStream) -> TokenStream {
    run_stages(input, parse::for_loop, |call| write::for_loop(&call))
}

/// Expands a call of `async_with!`.
pub(crate) fn async_with(input: TokenStream) -> TokenStream {
    run_stages(input, parse::with_block, write::with_block)
}

fn run_stages<T>(
    input: TokenStream,
    parse: fn(&[TokenTree], &mut Errors) -> Option<T>,
    write: fn(T) -> TokenStream,
) -> TokenStream {
    let input = Input::new(input);
    let mut errors = Errors::default();
    let code = match parse(&input.tokens, &mut errors) {
        Some(call) => input.import_private(&write(call)),
        None => TokenStream::new(),
    };
    errors.beside(code)
}

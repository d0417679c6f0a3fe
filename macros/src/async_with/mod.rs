//! `async_with!`.

mod exits;
mod expand;
mod mistakes;
mod parse;

use proc_macro2::TokenStream;

use crate::errors::Errors;
use crate::tokens::Input;

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let input = Input::new(input);
    let mut errors = Errors::default();
    let code = match parse::parse(&input.tokens, &mut errors) {
        Some(parsed) => input.in_scope(&expand::expand(parsed)),
        None => TokenStream::new(),
    };
    errors.beside(code)
}

//! `async_with!`.

mod exits;
mod expand;
mod mistakes;
mod parse;

use proc_macro2::TokenStream;

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    crate::expand(input, parse::parse, expand::expand)
}

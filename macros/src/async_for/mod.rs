//! `async_for!`.

mod expand;
mod parse;

use proc_macro2::TokenStream;

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    crate::expand(input, parse::parse, |parsed| expand::expand(&parsed))
}

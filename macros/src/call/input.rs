//! The input of a call.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote_spanned;

use crate::tokens::{opened, private, with_ended_lets};

/// The user's tokens, and the path to `forwith` that the wrapper macro puts in front of them as
/// `($crate)`.
pub(crate) struct Input {
    krate: TokenStream,
    pub(crate) tokens: Vec<TokenTree>,
}

impl Input {
    /// Splits off the path to the crate.
    pub(crate) fn new(input: TokenStream) -> Self {
        let input = with_ended_lets(&input).unwrap_or(input);
        let mut tokens = opened(input).into_iter();
        let krate = match tokens.next() {
            Some(TokenTree::Group(group)) => group.stream(),
            other => other.into_iter().collect(),
        };
        Input {
            krate,
            tokens: tokens.collect(),
        }
    }

    /// Puts `code` into a block that imports `forwith::__private` under the name [`private`].
    pub(crate) fn import_private(&self, code: &TokenStream) -> TokenStream {
        let (krate, private) = (&self.krate, private(Span::mixed_site()));
        quote_spanned!(Span::mixed_site()=> { use #krate::__private as #private; #code })
    }
}

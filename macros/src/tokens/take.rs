//! Slices of tokens.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::look::{braces, lifetime};

/// Copies tokens into a stream.
pub(crate) fn stream(tokens: &[TokenTree]) -> TokenStream {
    tokens.iter().cloned().collect()
}

/// Unwraps lifetimes and blocks from the invisible groups in which `macro_rules!` passes on a
/// `$label:lifetime` or a `$body:block`.
pub(crate) fn opened(tokens: TokenStream) -> Vec<TokenTree> {
    tokens.into_iter().flat_map(open).collect()
}

fn open(token: TokenTree) -> Vec<TokenTree> {
    let TokenTree::Group(group) = &token else {
        return vec![token];
    };
    let inside: Vec<_> = group.stream().into_iter().collect();
    let is_lifetime = inside.len() == 2 && lifetime(&inside).is_some();
    let is_block = inside.len() == 1 && braces(inside.first()).is_some();
    if group.delimiter() == Delimiter::None && (is_lifetime || is_block) {
        inside
    } else {
        vec![token]
    }
}

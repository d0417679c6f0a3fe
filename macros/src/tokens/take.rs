//! Slices of tokens, and what they parse as.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser};

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

/// Parses a `T` from the front of `tokens`. Returns it with the number of tokens it took.
///
/// Braces count as empty: their content may be anything, even what does not parse.
pub(crate) fn parse_front<T: Parse>(tokens: &[TokenTree]) -> Option<(T, usize)> {
    let hollow: Vec<_> = tokens.iter().map(hollow).collect();
    let front = |input: ParseStream<'_>| {
        let parsed: T = input.parse()?;
        Ok((parsed, input.parse::<TokenStream>()?.into_iter().count()))
    };
    let (parsed, rest) = front.parse2(stream(&hollow)).ok()?;
    let taken = tokens.len().checked_sub(rest)?;
    // If an invisible group ends inside the `T`, the count is wrong.
    syn::parse2::<T>(stream(&hollow[..taken])).ok()?;
    Some((parsed, taken))
}

/// Empties a group in braces.
fn hollow(token: &TokenTree) -> TokenTree {
    match braces(Some(token)) {
        Some(group) => Group::new(group.delimiter(), TokenStream::new()).into(),
        None => token.clone(),
    }
}

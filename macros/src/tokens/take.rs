//! Slices of tokens.

use proc_macro2::{Delimiter, Punct, Spacing, TokenStream, TokenTree};

use super::generated::with_content;
use super::look::{braces, is_punct, is_word, lifetime};

/// Copies tokens into a stream.
pub(crate) fn stream(tokens: &[TokenTree]) -> TokenStream {
    tokens.iter().cloned().collect()
}

/// Unwraps lifetimes and blocks from the invisible groups in which `macro_rules!` passes on a
/// `$label:lifetime` or a `$body:block`.
pub(crate) fn opened(tokens: TokenStream) -> Vec<TokenTree> {
    let mut opened = Vec::new();
    for token in tokens {
        match inside(&token) {
            Some(inside) => opened.extend(inside),
            None => opened.push(token),
        }
    }
    opened
}

/// The lifetime or block, if the token is an invisible group with one.
fn inside(token: &TokenTree) -> Option<Vec<TokenTree>> {
    let TokenTree::Group(group) = token else {
        return None;
    };
    if group.delimiter() != Delimiter::None {
        return None;
    }
    let inside: Vec<_> = group.stream().into_iter().collect();
    let is_lifetime = inside.len() == 2 && lifetime(&inside).is_some();
    let is_block = inside.len() == 1 && braces(inside.first()).is_some();
    (is_lifetime || is_block).then_some(inside)
}

/// Ends each `let` that `macro_rules!` passes on as a `$statement:stmt` with a semicolon: within
/// its invisible group it has none, and a procedural macro must not give it back so. `None` if
/// there is no such statement in a block.
pub(crate) fn with_ended_lets(tokens: &TokenStream) -> Option<TokenStream> {
    with_ended_lets_in(tokens, false)
}

fn with_ended_lets_in(tokens: &TokenStream, is_block: bool) -> Option<TokenStream> {
    let mut has_changed = false;
    let mut before_is_bang = false;
    let mut output = TokenStream::new();
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_macro = std::mem::replace(&mut before_is_bang, is_punct(Some(&token), '!'));
        let TokenTree::Group(group) = &token else {
            output.extend([token]);
            continue;
        };
        let is_inner_block = group.delimiter() == Delimiter::Brace && !is_macro;
        let inside = with_ended_lets_in(&group.stream(), is_inner_block);
        let is_let = is_block
            && group.delimiter() == Delimiter::None
            && is_word(group.stream().into_iter().next().as_ref(), "let");
        let ends = is_let && !is_punct(tokens.peek(), ';');
        has_changed |= ends || inside.is_some();
        match inside {
            Some(inside) => {
                output.extend([TokenTree::from(with_content(group, inside))]);
            }
            None => output.extend([token]),
        }
        if ends {
            output.extend([TokenTree::from(Punct::new(';', Spacing::Alone))]);
        }
    }
    has_changed.then_some(output)
}

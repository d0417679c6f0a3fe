//! A pattern is a name, a literal, or a path with what it holds.

use proc_macro2::{Delimiter, TokenTree};

use super::expression::NO_OPERAND;
use super::{angles, is_joint, path_end, range};
use crate::tokens::{is_punct, is_word};

/// The tokens of a pattern at the front, without alternatives.
pub(crate) fn pattern(tokens: &[TokenTree]) -> Option<usize> {
    if let Some(dots) = range(tokens) {
        return Some(dots + bound(&tokens[dots..]).unwrap_or(0));
    }
    match tokens.first()? {
        TokenTree::Group(group) => (group.delimiter() != Delimiter::Brace).then_some(1),
        TokenTree::Punct(punct) if punct.as_char() == '&' => {
            let is_mut = is_word(tokens.get(1), "mut");
            behind(1 + usize::from(is_mut), tokens)
        }
        TokenTree::Ident(word) if word == "mut" || word == "ref" => behind(1, tokens),
        TokenTree::Ident(_) if is_punct(tokens.get(1), '@') => behind(2, tokens),
        _ => {
            let end = bound(tokens)?;
            let Some(dots) = range(&tokens[end..]) else {
                return Some(end + arguments(&tokens[end..]));
            };
            Some(end + dots + bound(&tokens[end + dots..]).unwrap_or(0))
        }
    }
}

/// A pattern behind so many tokens.
fn behind(taken: usize, tokens: &[TokenTree]) -> Option<usize> {
    Some(taken + pattern(tokens.get(taken..)?)?)
}

/// What may be an end of a range: a literal or a path.
fn bound(tokens: &[TokenTree]) -> Option<usize> {
    match tokens.first()? {
        TokenTree::Literal(_) => Some(1),
        TokenTree::Punct(punct) => match punct.as_char() {
            '-' => matches!(tokens.get(1), Some(TokenTree::Literal(_))).then_some(2),
            '<' => Some(path_end(tokens, angles(tokens)?)),
            ':' if is_joint(tokens, "::") => Some(2 + bound(&tokens[2..])?),
            _ => None,
        },
        TokenTree::Ident(word) if NO_OPERAND.iter().any(|no| word == no) => None,
        TokenTree::Ident(_) => Some(path_end(tokens, 1)),
        TokenTree::Group(_) => None,
    }
}

/// What a path holds, such as `(a, b)`, `{ a, .. }`, or the input of a macro.
fn arguments(tokens: &[TokenTree]) -> usize {
    let bang = usize::from(is_punct(tokens.first(), '!'));
    match tokens.get(bang) {
        Some(TokenTree::Group(group)) if group.delimiter() != Delimiter::None => bang + 1,
        _ => 0,
    }
}

//! Counts the tokens of an expression or a pattern, without parsing it: what the compiler of
//! tomorrow accepts must not change its meaning, so unknown syntax is no reason to give up.
//!
//! `None` means that it is not complete, as while it is being typed.

mod expression;
mod pattern;

pub(crate) use expression::{
    StructLiterals, closure, for_loop, header, label, optional, pattern_before_in, to_mark,
};

use expression::expression;
use pattern::pattern;
use proc_macro2::{Spacing, TokenTree};

/// Whether the tokens are an expression, and nothing else.
pub(crate) fn is_expression(tokens: &[TokenTree]) -> bool {
    expression(tokens, StructLiterals::Allowed) == Some(tokens.len())
}

/// Whether the tokens are a pattern, and nothing else. At its top it has no alternatives.
pub(crate) fn is_pattern(tokens: &[TokenTree]) -> bool {
    pattern(tokens) == Some(tokens.len())
}

/// `..`, `..=`
fn range(tokens: &[TokenTree]) -> Option<usize> {
    let operators = ["..=", "..."].into_iter().chain([".."]);
    operators
        .into_iter()
        .find(|dots| is_joint(tokens, dots))
        .map(str::len)
}

/// Goes on from the middle of a path: `::name`, `::<…>`.
fn path_end(tokens: &[TokenTree], from: usize) -> usize {
    let mut end = turbofish(tokens, from);
    while is_joint(&tokens[end..], "::") && matches!(tokens.get(end + 2), Some(TokenTree::Ident(_)))
    {
        end = turbofish(tokens, end + 3);
    }
    end
}

fn turbofish(tokens: &[TokenTree], from: usize) -> usize {
    if !is_joint(&tokens[from..], "::") {
        return from;
    }
    angles(&tokens[from + 2..]).map_or(from, |taken| from + 2 + taken)
}

/// `<…>`
fn angles(tokens: &[TokenTree]) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        let is_arrow = at > 0 && is_joint(&tokens[at - 1..], "->");
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
            TokenTree::Punct(punct) if punct.as_char() == '>' && !is_arrow => {
                depth = depth.checked_sub(1)?;
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => return None,
            _ => {}
        }
        if depth == 0 {
            return (at > 0).then_some(at + 1);
        }
    }
    None
}

/// Whether the tokens begin with the characters of this operator.
fn is_joint(tokens: &[TokenTree], operator: &str) -> bool {
    let last = operator.len() - 1;
    operator
        .chars()
        .enumerate()
        .all(|(at, char)| match tokens.get(at) {
            Some(TokenTree::Punct(punct)) => {
                punct.as_char() == char && (at == last || punct.spacing() == Spacing::Joint)
            }
            _ => false,
        })
}

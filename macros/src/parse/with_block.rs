//! Parses `EXPR as PAT, …, { BODY }`.

use proc_macro2::{Group, Span, TokenTree};

use super::forms::ASYNC_WITH;
use super::near_misses;
use crate::call::{Binding, Errors, WithBlock};
use crate::extent::{is_expression, is_pattern};
use crate::tokens::{braces, is_punct, is_word, stream};

/// Parses a call of `async_with!`.
pub(crate) fn with_block(tokens: &[TokenTree], errors: &mut Errors) -> Option<WithBlock> {
    let (header, body) = body(without_comma(tokens), errors)?;
    let header = near_misses::report_before_body(header, body, errors)?;
    let bindings = bindings(without_comma(header), errors)?;
    Some(WithBlock {
        bindings,
        body: body.clone(),
    })
}

/// Splits off the body, which comes last.
fn body<'a>(tokens: &'a [TokenTree], errors: &mut Errors) -> Option<(&'a [TokenTree], &'a Group)> {
    match tokens.split_last() {
        Some((last, header)) if braces(Some(last)).is_some() => Some((header, braces(Some(last))?)),
        Some((last, _)) => {
            errors.on(
                last,
                &format!("the body comes last, in braces: {ASYNC_WITH}"),
            );
            None
        }
        None => {
            errors.at(Span::call_site(), ASYNC_WITH);
            None
        }
    }
}

fn without_comma(tokens: &[TokenTree]) -> &[TokenTree] {
    match tokens.split_last() {
        Some((last, rest)) if is_punct(Some(last), ',') => rest,
        _ => tokens,
    }
}

/// Splits the header at its commas, except at those inside `<…>` or a closure's `|…|`.
fn bindings(mut header: &[TokenTree], errors: &mut Errors) -> Option<Vec<Binding>> {
    let mut bindings = Vec::new();
    loop {
        let (tokens, rest) = header.split_at(binding_end(header));
        match rest.first() {
            Some(comma) if tokens.is_empty() || rest.len() == 1 => {
                errors.on(
                    comma,
                    &format!("a resource is missing next to this comma: {ASYNC_WITH}"),
                );
                return None;
            }
            _ => bindings.push(binding(tokens, errors)?),
        }
        if rest.is_empty() {
            return Some(bindings);
        }
        header = &rest[1..];
    }
}

/// The first comma behind a whole binding; if there is none, the first comma.
fn binding_end(header: &[TokenTree]) -> usize {
    let commas = || (0..header.len()).filter(|at| is_punct(header.get(*at), ','));
    let is_whole =
        |end: &usize| split_as(&header[..*end]).is_some() || is_expression(&header[..*end]);
    let ends = || commas().chain([header.len()]);
    ends()
        .find(is_whole)
        .or_else(|| commas().next())
        .unwrap_or(header.len())
}

fn binding(tokens: &[TokenTree], errors: &mut Errors) -> Option<Binding> {
    if near_misses::report_in_binding(tokens, errors) {
        return None;
    }
    match split_as(tokens).or_else(|| last_as(tokens)) {
        Some(at) => Some(Binding {
            resource: stream(&tokens[..at]),
            pattern: Some(stream(&tokens[at + 1..])),
        }),
        None => Some(Binding {
            resource: stream(tokens),
            pattern: None,
        }),
    }
}

/// The position of the `as` in a complete `EXPR as PAT`.
fn split_as(tokens: &[TokenTree]) -> Option<usize> {
    let is_split = |at: &usize| {
        is_word(tokens.get(*at), "as")
            && is_expression(&tokens[..*at])
            && is_pattern(&tokens[at + 1..])
    };
    (1..tokens.len()).rev().find(is_split)
}

/// The position of the last `as` in an incomplete binding, such as one that is being typed.
fn last_as(tokens: &[TokenTree]) -> Option<usize> {
    (1..tokens.len().saturating_sub(1))
        .rev()
        .find(|at| is_word(tokens.get(*at), "as"))
}

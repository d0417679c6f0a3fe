//! Recognizes calls of `async_with!` that are nearly right, and reports what to write instead.

use proc_macro2::{Group, TokenTree};

use super::forms::ASYNC_WITH;
use crate::call::Errors;
use crate::extent::is_expression;
use crate::tokens::{is_punct, is_word, lifetime};

/// Checks the tokens before the body. Returns those to parse, or nothing if no code can be written.
pub(super) fn report_before_body<'a>(
    header: &'a [TokenTree],
    body: &Group,
    errors: &mut Errors,
) -> Option<&'a [TokenTree]> {
    let header = report_keywords(header, errors)?;
    match header.last() {
        None => {
            errors.at(
                body.span_open(),
                &format!("there is nothing to enter: {ASYNC_WITH}"),
            );
            None
        }
        Some(last) if is_punct(Some(last), ',') && header.len() == 1 => {
            errors.on(last, &format!("there is nothing to enter: {ASYNC_WITH}"));
            None
        }
        Some(last) if is_punct(Some(last), ',') => Some(header),
        Some(last) if is_punct(Some(last), '|') => {
            errors.on(
                last,
                &format!("the body is a plain block, not a closure: {ASYNC_WITH}"),
            );
            None
        }
        Some(last) if is_punct(Some(last), '>') || is_punct(Some(last), ';') => {
            errors.on(
                last,
                &format!("a comma belongs before the body: {ASYNC_WITH}"),
            );
            None
        }
        Some(_) => {
            errors.at(
                body.span_open(),
                &format!("a comma is missing before the body: {ASYNC_WITH}"),
            );
            Some(header)
        }
    }
}

/// Removes keywords that cannot stand in front of a plain block, and reports them.
fn report_keywords<'a>(header: &'a [TokenTree], errors: &mut Errors) -> Option<&'a [TokenTree]> {
    let Some((last, rest)) = header.split_last() else {
        return Some(header);
    };
    if is_word(Some(last), "async") || is_word(Some(last), "move") {
        errors.on(
            last,
            "remove this word: the body may `.await` anyway, and borrows what it uses",
        );
        return report_keywords(rest, errors);
    }
    if is_word(Some(last), "unsafe") {
        errors.on(last, "the body is a plain block: write `{ unsafe { … } }`");
        return Some(rest);
    }
    if is_word(Some(last), "else") {
        errors.on(last, &format!("`async_with!` has one body: {ASYNC_WITH}"));
        return None;
    }
    if let [before @ .., _, _, _] = header {
        let label = &header[before.len()..];
        if lifetime(label).is_some() && is_punct(Some(last), ':') {
            errors.on(
                &label[1],
                "put the label inside the body: `{ 'label: { … } }`",
            );
            return None;
        }
    }
    Some(header)
}

/// Checks the tokens of a binding. Returns whether it reported a mistake.
pub(super) fn report_in_binding(tokens: &[TokenTree], errors: &mut Errors) -> bool {
    let find = |char| tokens.iter().find(|token| is_punct(Some(token), char));
    let (culprit, mistake) = match tokens {
        [first, second, ..] if is_python(first, second) => (first, "remove `async` and `with`"),
        [.., last] if is_word(Some(last), "as") => (last, "a name is missing after `as`"),
        _ => match (find(';'), find('=')) {
            (Some(semicolon), _) => (semicolon, "resources are separated by commas"),
            (_, Some(equals)) if !is_expression(tokens) || is_assignment(tokens) => {
                (equals, "a resource is named with `as`")
            }
            _ => return false,
        },
    };
    errors.on(culprit, &format!("{mistake}: {ASYNC_WITH}"));
    true
}

/// Whether this is `PLACE = EXPR` or `let PAT = EXPR`.
fn is_assignment(tokens: &[TokenTree]) -> bool {
    let is_equals = |at: &usize| is_punct(tokens.get(*at), '=') && is_expression(&tokens[..*at]);
    // The `=` may be in a closure, or be the value of a jump.
    let begins_other = ["async", "break", "move", "return", "static"];
    let begins_other = begins_other
        .iter()
        .any(|word| is_word(tokens.first(), word));
    if begins_other || is_punct(tokens.first(), '|') {
        return false;
    }
    is_word(tokens.first(), "let") || (1..tokens.len()).any(|at| is_equals(&at))
}

/// Whether this begins `with EXPR` or `async with EXPR`, as in Python; `with(…)` is a call.
fn is_python(first: &TokenTree, second: &TokenTree) -> bool {
    let is_with = is_word(Some(first), "with") && matches!(second, TokenTree::Ident(_));
    is_with || (is_word(Some(first), "async") && is_word(Some(second), "with"))
}

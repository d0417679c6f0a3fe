//! Finds the parts of `EXPR as PAT, …, { BODY }`.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::{Expr, Pat};

use super::mistakes;
use crate::errors::Errors;
use crate::tokens::{braces, is_punct, is_word, stream};

pub(super) const FORM: &str = "write `async_with!(resource as name, { … })`";

/// A call of `async_with!`, in the user's own tokens.
pub(super) struct With {
    /// At least one.
    pub(super) items: Vec<Item>,
    pub(super) body: Group,
}

/// `EXPR as PAT`
pub(super) struct Item {
    pub(super) resource: TokenStream,
    pub(super) pattern: Option<TokenStream>,
}

pub(super) fn parse(tokens: &[TokenTree], errors: &mut Errors) -> Option<With> {
    let (header, body) = body(without_comma(tokens), errors)?;
    let header = mistakes::before_body(header, body, errors)?;
    let items = items(without_comma(header), errors)?;
    Some(With {
        items,
        body: body.clone(),
    })
}

/// Splits off the body, which comes last.
fn body<'a>(tokens: &'a [TokenTree], errors: &mut Errors) -> Option<(&'a [TokenTree], &'a Group)> {
    match tokens.split_last() {
        Some((last, header)) if braces(Some(last)).is_some() => Some((header, braces(Some(last))?)),
        Some((last, _)) => {
            errors.on(last, &format!("the body comes last, in braces: {FORM}"));
            None
        }
        None => {
            errors.at(Span::call_site(), FORM);
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

/// Splits the header at its commas, but not at those inside `<…>` or a closure's `|…|`.
fn items(mut header: &[TokenTree], errors: &mut Errors) -> Option<Vec<Item>> {
    let mut items = Vec::new();
    loop {
        let (tokens, rest) = header.split_at(item_end(header));
        match rest.first() {
            Some(comma) if tokens.is_empty() || rest.len() == 1 => {
                errors.on(
                    comma,
                    &format!("a resource is missing beside this comma: {FORM}"),
                );
                return None;
            }
            _ => items.push(item(tokens, errors)?),
        }
        if rest.is_empty() {
            return Some(items);
        }
        header = &rest[1..];
    }
}

/// The first comma before which a whole item stands; where there is none, the first comma.
fn item_end(header: &[TokenTree]) -> usize {
    let commas = || (0..header.len()).filter(|at| is_punct(header.get(*at), ','));
    let is_whole = |end: &usize| split_as(&header[..*end]).is_some() || is_expr(&header[..*end]);
    let ends = || commas().chain([header.len()]);
    ends()
        .find(is_whole)
        .or_else(|| commas().next())
        .unwrap_or(header.len())
}

fn item(tokens: &[TokenTree], errors: &mut Errors) -> Option<Item> {
    if mistakes::in_item(tokens, errors) {
        return None;
    }
    match split_as(tokens).or_else(|| last_as(tokens)) {
        Some(at) => Some(Item {
            resource: stream(&tokens[..at]),
            pattern: Some(stream(&tokens[at + 1..])),
        }),
        None => Some(Item {
            resource: stream(tokens),
            pattern: None,
        }),
    }
}

/// Where the `as` stands in a whole `EXPR as PAT`.
fn split_as(tokens: &[TokenTree]) -> Option<usize> {
    let is_split = |at: &usize| {
        is_word(tokens.get(*at), "as") && is_expr(&tokens[..*at]) && is_pat(&tokens[at + 1..])
    };
    (1..tokens.len()).rev().find(is_split)
}

/// Where it stands in one that is not whole, perhaps because it is just being written.
fn last_as(tokens: &[TokenTree]) -> Option<usize> {
    (1..tokens.len().saturating_sub(1))
        .rev()
        .find(|at| is_word(tokens.get(*at), "as"))
}

fn is_expr(tokens: &[TokenTree]) -> bool {
    syn::parse2::<Expr>(stream(tokens)).is_ok()
}

fn is_pat(tokens: &[TokenTree]) -> bool {
    Pat::parse_single.parse2(stream(tokens)).is_ok()
}

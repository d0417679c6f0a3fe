//! Finds the parts of `EXPR as PAT, …, { BODY }`.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::{Expr, Pat};

use crate::errors::Errors;
use crate::tokens::{braces, is_punct, is_word, span, stream};

const FORM: &str = "write `async_with!(resource as name, { … })`";

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
    if header.is_empty() {
        errors.at(
            body.span_open(),
            &format!("there is nothing to enter: {FORM}"),
        );
        return None;
    }
    let Some((comma, header)) = header
        .split_last()
        .filter(|(last, _)| is_punct(Some(last), ','))
    else {
        errors.at(span(header), &no_comma(header));
        return None;
    };
    if header.is_empty() {
        errors.on(
            comma,
            &format!("a resource is missing before this comma: {FORM}"),
        );
        return None;
    }
    let items = items(header, errors)?;
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

/// What to do where no comma stands before the body.
fn no_comma(header: &[TokenTree]) -> String {
    let before = header.last();
    if is_word(before, "async") || is_word(before, "move") || is_word(before, "unsafe") {
        "the body is a plain block, which may `.await`, and borrows what it uses: leave this word out".into()
    } else if is_punct(before, '|') {
        format!("the body is a plain block and no closure: {FORM}")
    } else {
        format!("a comma is missing between the resource and the body: {FORM}")
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
    while !header.is_empty() {
        let end = item_end(header);
        let (tokens, rest) = header.split_at(end);
        if tokens.is_empty() {
            errors.on(
                &rest[0],
                &format!("a resource is missing before this comma: {FORM}"),
            );
            return None;
        }
        items.push(item(tokens, errors)?);
        header = rest.get(1..).unwrap_or_default();
    }
    Some(items)
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
    if let Some(at) = split_as(tokens).or_else(|| last_as(tokens)) {
        return Some(Item {
            resource: stream(&tokens[..at]),
            pattern: Some(stream(&tokens[at + 1..])),
        });
    }
    if let Some(message) = near_miss(tokens) {
        errors.at(span(tokens), &message);
        return None;
    }
    Some(Item {
        resource: stream(tokens),
        pattern: None,
    })
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

/// Says what to write for a resource in the style of another language.
fn near_miss(tokens: &[TokenTree]) -> Option<String> {
    let has_equals = || tokens.iter().any(|token| is_punct(Some(token), '='));
    let mistake = match syn::parse2(stream(tokens)) {
        Ok(Expr::Assign(_) | Expr::Let(_)) => "a resource is named with `as`",
        Err(_) if is_word(tokens.last(), "as") => "a name is missing after `as`",
        Err(_) if is_word(tokens.first(), "with") => "leave `with` out",
        Err(_) if has_equals() => "a resource is named with `as`",
        _ => return None,
    };
    Some(format!("{mistake}: {FORM}"))
}

fn is_expr(tokens: &[TokenTree]) -> bool {
    syn::parse2::<Expr>(stream(tokens)).is_ok()
}

fn is_pat(tokens: &[TokenTree]) -> bool {
    Pat::parse_single.parse2(stream(tokens)).is_ok()
}

//! Lets a body have its resource to itself.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;

/// Code at the start of `body` that makes it borrow what `pattern` binds as `&mut`.
///
/// A body that only reads its resource would borrow it as `&`, and a task that holds a `&R` in its
/// waits is `Send` only where `R` is `Sync`. A name that the body does not have is left alone, so
/// that the compiler still tells of it. So is what a pattern other than names and tuples of names
/// binds.
pub(super) fn capture(pattern: &TokenStream, body: &TokenStream, at: Span) -> Option<TokenStream> {
    let mut names = Vec::new();
    bound_names(pattern, &mut names)?;
    names.retain(|name| has_name(body, &name.to_string()));
    (!names.is_empty()).then(|| {
        quote_spanned! {at=>
            if false {
                #(let _ = &mut *#names;)*
            }
        }
    })
}

/// Adds the names of a pattern. `None` for one that may bind in other ways.
fn bound_names(pattern: &TokenStream, names: &mut Vec<Ident>) -> Option<()> {
    for token in pattern.clone() {
        match token {
            TokenTree::Ident(name) => match name.to_string() {
                word if word == "mut" || word == "_" => {}
                // In upper case, it would be a constant or a struct.
                word if word.starts_with(|first: char| first.is_lowercase() || first == '_') => {
                    names.push(name);
                }
                _ => return None,
            },
            TokenTree::Group(group)
                if matches!(group.delimiter(), Delimiter::Parenthesis | Delimiter::None) =>
            {
                bound_names(&group.stream(), names)?;
            }
            TokenTree::Punct(punct) if punct.as_char() == ',' => {}
            _ => return None,
        }
    }
    Some(())
}

/// Whether a name is in the code, or in braces in a string of it.
fn has_name(code: &TokenStream, name: &str) -> bool {
    code.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => has_name(&group.stream(), name),
        TokenTree::Literal(literal) => {
            let literal = literal.to_string();
            let mut opened = literal.split('{').skip(1);
            opened.any(|inside| inside.strip_prefix(name).is_some_and(is_end_of_name))
        }
        TokenTree::Punct(_) => false,
    })
}

/// Whether a name in the braces of a string ends where this begins.
fn is_end_of_name(rest: &str) -> bool {
    rest.starts_with(['}', ':'])
}

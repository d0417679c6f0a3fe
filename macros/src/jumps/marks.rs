//! Finds the calls of `mark_failed!` in a body, and tells them where the body keeps the mark.
//!
//! `mark_failed!(value)` becomes `mark_failed!(@ mark 0 value)`: the call stays the user's own, so
//! that an import of the macro is used and an editor shows its documentation. Of several bodies
//! around a call the innermost has the last word, because it is expanded last. What it overwrites
//! is the mark of the next outer body, and that is how it gets to know it.
//!
//! The number says how many closures and async blocks lie between the body and the call. If the
//! inner and the outer body count the same, then none lies between these two, and a `return` out of
//! the inner one leaves the outer one, too.

use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::quote;

use super::shapes;
use crate::tokens::{is_punct, is_word, may_have, opened, stream, with_content};

/// The calls that were found in a body.
pub(crate) struct Marks {
    /// Where the first of them is.
    pub(crate) first: Span,
    /// The mark of the next outer body, if a `return` leaves that, too.
    pub(crate) outer: Option<Ident>,
}

/// Tells each call of `mark_failed!` in `body` that its mark is in the local `mark`. `None` if
/// there is no such call.
pub(crate) fn mark(body: TokenStream, mark: &Ident) -> Option<(TokenStream, Marks)> {
    if !may_have(&body, &["mark_failed"]) {
        return None;
    }
    let mut marker = Marker {
        mark,
        found: 0,
        first: None,
        outer: None,
    };
    let body = marker.walk(body, 0);
    let (first, outer) = (marker.first?, marker.outer);
    Some((body, Marks { first, outer }))
}

struct Marker<'a> {
    mark: &'a Ident,
    /// The number of calls that have been found.
    found: usize,
    first: Option<Span>,
    outer: Option<Ident>,
}

impl Marker<'_> {
    fn walk(&mut self, tokens: TokenStream, depth: usize) -> TokenStream {
        let tokens = opened(tokens);
        self.walk_range(&tokens, 0, tokens.len(), depth)
    }

    fn walk_range(
        &mut self,
        tokens: &[TokenTree],
        mut at: usize,
        end: usize,
        depth: usize,
    ) -> TokenStream {
        let mut output = TokenStream::new();
        while at < end {
            let before = at.checked_sub(1).map(|before| &tokens[before]);
            let rest = &tokens[at..end];
            if let Some(taken) = shapes::item(rest) {
                output.extend(stream(&rest[..taken]));
                at += taken;
            } else if let Some(taken) = shapes::closure_or_async_block(before, rest) {
                output.extend([rest[0].clone()]);
                output.extend(self.walk_range(tokens, at + 1, at + taken, depth + 1));
                at += taken;
            } else if let Some(input) = input_of_call(rest) {
                output.extend(stream(&rest[..2]));
                output.extend([TokenTree::from(self.call(&rest[0], input, depth))]);
                at += 3;
            } else {
                output.extend([match &rest[0] {
                    TokenTree::Group(group) => self.group(group, depth).into(),
                    other => other.clone(),
                }]);
                at += 1;
            }
        }
        output
    }

    /// The input of a call of `mark_failed!`.
    fn call(&mut self, name: &TokenTree, input: &Group, depth: usize) -> Group {
        self.found += 1;
        self.first.get_or_insert(name.span());
        // An error about the mark points at the call.
        let mut mark = self.mark.clone();
        mark.set_span(mark.span().located_at(name.span()));
        let tokens: Vec<_> = input.stream().into_iter().collect();
        let value = match &tokens[..] {
            [
                at,
                TokenTree::Ident(outer),
                TokenTree::Literal(outer_depth),
                value @ ..,
            ] if is_punct(Some(at), '@') => {
                if outer_depth.to_string() == depth.to_string() {
                    self.outer = Some(outer.clone());
                }
                value
            }
            value => value,
        };
        let value = self.walk(stream(value), depth);
        let depth = Literal::usize_unsuffixed(depth);
        with_content(input, quote!(@ #mark #depth #value))
    }

    /// Keeps the user's own group, with the spans of its delimiters, if nothing in it was replaced.
    fn group(&mut self, group: &Group, depth: usize) -> Group {
        let before = self.found;
        let walked = self.walk(group.stream(), depth);
        if self.found == before {
            group.clone()
        } else {
            with_content(group, walked)
        }
    }
}

/// The input of a call of `mark_failed!`. What is in front of the name, such as the path to a crate
/// that re-exports the macro, stays as it is.
fn input_of_call(tokens: &[TokenTree]) -> Option<&Group> {
    match tokens {
        [name, bang, TokenTree::Group(input), ..]
            if is_word(Some(name), "mark_failed") && is_punct(Some(bang), '!') =>
        {
            Some(input)
        }
        _ => None,
    }
}

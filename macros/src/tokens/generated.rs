//! The spans and names of generated tokens.

use proc_macro2::{Group, Ident, Span, TokenStream};

/// The name under which generated code imports `forwith::__private`. If it used a `$crate` path in
/// each place instead, errors would point at the whole call.
pub(crate) fn private(at: Span) -> Ident {
    Ident::new("__forwith", at)
}

/// The span of code that is generated for these tokens of the user: its names are invisible to the
/// user, and an error in it points at the first of the tokens.
pub(crate) fn generated_at(tokens: &TokenStream) -> Span {
    let first = tokens.clone().into_iter().next();
    let generated = Span::mixed_site();
    first.map_or(generated, |first| generated.located_at(first.span()))
}

/// The span of code that is generated for the end of a body. An error in it points at the last
/// token.
pub(crate) fn generated_at_end(body: &Group) -> Span {
    let last = body.stream().into_iter().last();
    let at = last.map_or_else(|| body.span(), |last| last.span());
    Span::mixed_site().located_at(at)
}

/// A copy of the group with the content `stream`, its braces marked as generated: lints against
/// needless braces stay silent, and errors still point at the user's own braces.
pub(crate) fn as_generated(group: &Group, stream: TokenStream) -> Group {
    let mut copy = with_content(group, stream);
    copy.set_span(Span::mixed_site().located_at(group.span()));
    copy
}

/// A copy of the group with other content.
pub(crate) fn with_content(group: &Group, content: TokenStream) -> Group {
    let mut copy = Group::new(group.delimiter(), content);
    copy.set_span(group.span());
    copy
}

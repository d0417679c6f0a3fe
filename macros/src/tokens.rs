//! Small questions about tokens.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser};

/// The path to `forwith::__private`, which the wrapper macro passes in front of the input as `($crate)`.
pub(crate) struct Input {
    pub(crate) private: TokenStream,
    pub(crate) tokens: Vec<TokenTree>,
}

impl Input {
    pub(crate) fn new(input: TokenStream) -> Self {
        let mut tokens = input.into_iter();
        let krate = match tokens.next() {
            Some(TokenTree::Group(group)) => group.stream(),
            other => other.into_iter().collect(),
        };
        let private = quote::quote_spanned!(Span::mixed_site()=> #krate::__private);
        Input {
            private,
            tokens: tokens.collect(),
        }
    }
}

/// Whether the token is this word, which may be a keyword.
pub(crate) fn is_word(token: Option<&TokenTree>, word: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == word)
}

/// Whether the token is this punctuation character.
pub(crate) fn is_punct(token: Option<&TokenTree>, char: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == char)
}

/// The group that the token is, if it has braces.
pub(crate) fn braces(token: Option<&TokenTree>) -> Option<&Group> {
    match token {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => Some(group),
        _ => None,
    }
}

/// The lifetime or label that stands at the front of `tokens`, by its name.
pub(crate) fn lifetime(tokens: &[TokenTree]) -> Option<&Ident> {
    match tokens {
        [TokenTree::Punct(quote), TokenTree::Ident(name), ..] if quote.as_char() == '\'' => {
            Some(name)
        }
        _ => None,
    }
}

/// Tokens as a stream.
pub(crate) fn stream(tokens: &[TokenTree]) -> TokenStream {
    tokens.iter().cloned().collect()
}

/// Where these tokens stand.
pub(crate) fn span(tokens: &[TokenTree]) -> Span {
    let span = tokens.first().map_or_else(Span::call_site, TokenTree::span);
    tokens
        .last()
        .and_then(|last| span.join(last.span()))
        .unwrap_or(span)
}

/// Parses a `T` from the front of `tokens`, and tells how many of them it took.
pub(crate) fn parse_front<T: Parse>(tokens: &[TokenTree]) -> Option<(T, usize)> {
    let front = |input: ParseStream<'_>| {
        let parsed: T = input.parse()?;
        Ok((parsed, input.parse::<TokenStream>()?.into_iter().count()))
    };
    let (parsed, rest) = front.parse2(stream(tokens)).ok()?;
    Some((parsed, tokens.len() - rest))
}

/// A copy of the group, its braces marked as generated, so that lints against needless braces do not fire
/// where an expansion makes them look needless. Errors still point at the user's own.
pub(crate) fn as_generated(group: &Group, stream: TokenStream) -> Group {
    let mut copy = Group::new(group.delimiter(), stream);
    copy.set_span(Span::mixed_site().located_at(group.span()));
    copy
}

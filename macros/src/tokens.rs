//! Small questions about tokens.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::parse::{Parse, ParseStream, Parser};

/// The input of a call, in front of which the wrapper macro passes the path to its crate as `($crate)`.
pub(crate) struct Input {
    krate: TokenStream,
    pub(crate) tokens: Vec<TokenTree>,
}

impl Input {
    pub(crate) fn new(input: TokenStream) -> Self {
        let mut tokens = opened(input).into_iter();
        let krate = match tokens.next() {
            Some(TokenTree::Group(group)) => group.stream(),
            other => other.into_iter().collect(),
        };
        Input {
            krate,
            tokens: tokens.collect(),
        }
    }

    /// Brings what the code names into scope, as [`private`].
    pub(crate) fn in_scope(&self, code: &TokenStream) -> TokenStream {
        let (krate, private) = (&self.krate, private(Span::mixed_site()));
        quote_spanned!(Span::mixed_site()=> { use #krate::__private as #private; #code })
    }
}

/// The name under which generated code knows `forwith::__private`. A path of `$crate` in each place would
/// do as well, but errors would show on the whole call.
pub(crate) fn private(at: Span) -> Ident {
    Ident::new("__forwith", at)
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

/// Takes lifetimes and blocks out of the invisible groups in which `macro_rules!` hands on a
/// `$label:lifetime` or a `$body:block`.
pub(crate) fn opened(tokens: TokenStream) -> Vec<TokenTree> {
    tokens.into_iter().flat_map(open).collect()
}

fn open(token: TokenTree) -> Vec<TokenTree> {
    let TokenTree::Group(group) = &token else {
        return vec![token];
    };
    let inside: Vec<_> = group.stream().into_iter().collect();
    let is_lifetime = inside.len() == 2 && lifetime(&inside).is_some();
    let is_block = inside.len() == 1 && braces(inside.first()).is_some();
    if group.delimiter() == Delimiter::None && (is_lifetime || is_block) {
        inside
    } else {
        vec![token]
    }
}

/// Parses a `T` from the front of `tokens`, and tells how many of them it took.
///
/// What lies in braces is left out of it: it may be anything, and makes no difference.
pub(crate) fn parse_front<T: Parse>(tokens: &[TokenTree]) -> Option<(T, usize)> {
    let hollow: Vec<_> = tokens.iter().map(hollow).collect();
    let front = |input: ParseStream<'_>| {
        let parsed: T = input.parse()?;
        Ok((parsed, input.parse::<TokenStream>()?.into_iter().count()))
    };
    let (parsed, rest) = front.parse2(stream(&hollow)).ok()?;
    let taken = tokens.len().checked_sub(rest)?;
    // Where invisible groups end inside of it, the count is wrong.
    syn::parse2::<T>(stream(&hollow[..taken])).ok()?;
    Some((parsed, taken))
}

/// Empties braces.
fn hollow(token: &TokenTree) -> TokenTree {
    match braces(Some(token)) {
        Some(group) => Group::new(group.delimiter(), TokenStream::new()).into(),
        None => token.clone(),
    }
}

/// The span of generated code that stands for these tokens of the user's: names in it are
/// invisible to the user, and an error in it shows on the first of the tokens.
pub(crate) fn generated_at(tokens: &TokenStream) -> Span {
    let first = tokens.clone().into_iter().next();
    let generated = Span::mixed_site();
    first.map_or(generated, |first| generated.located_at(first.span()))
}

/// A copy of the group, its braces marked as generated, so that lints against needless braces do not fire
/// where an expansion makes them look needless. Errors still point at the user's own.
pub(crate) fn as_generated(group: &Group, stream: TokenStream) -> Group {
    let mut copy = Group::new(group.delimiter(), stream);
    copy.set_span(Span::mixed_site().located_at(group.span()));
    copy
}

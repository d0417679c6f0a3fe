//! Questions about the next token, and about the words of some.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

/// Whether the token is this word, which may be a keyword.
pub(crate) fn is_word(token: Option<&TokenTree>, word: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == word)
}

/// Whether the token is this punctuation character.
pub(crate) fn is_punct(token: Option<&TokenTree>, char: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == char)
}

/// The token as a group, if it is one in braces.
pub(crate) fn braces(token: Option<&TokenTree>) -> Option<&Group> {
    match token {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => Some(group),
        _ => None,
    }
}

/// The name of the lifetime or label with which `tokens` begin.
pub(crate) fn lifetime(tokens: &[TokenTree]) -> Option<&Ident> {
    match tokens {
        [TokenTree::Punct(quote), TokenTree::Ident(name), ..] if quote.as_char() == '\'' => {
            Some(name)
        }
        _ => None,
    }
}

/// Whether one of these words may be in the tokens. It may also be a part of another word, or of a
/// string.
///
/// The compiler writes the text at once. To look at each token takes much longer, since cargo does
/// not optimise macros.
pub(crate) fn may_have(tokens: &TokenStream, words: &[&str]) -> bool {
    let text = tokens.to_string();
    words.iter().any(|word| text.contains(word))
}

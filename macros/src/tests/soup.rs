//! Random tokens: no input makes a macro panic, and the walk loses no token.

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::quote;

use crate::jumps::{self, Jump};

/// Random numbers, the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end).unwrap()).unwrap()
    }
}

const WORDS: &[&str] = &[
    "as",
    "async",
    "await",
    "break",
    "const",
    "continue",
    "dyn",
    "else",
    "fn",
    "for",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "match",
    "move",
    "mut",
    "ref",
    "return",
    "static",
    "unsafe",
    "where",
    "while",
    "x",
    "y",
    "select",
    "each",
    "vec",
    "macro_rules",
    "async_for",
    "async_with",
    "break",
    "continue",
    "loop",
    "while",
    "for",
];

const MARKS: &str = "!#$%&*+,-./:;<=>?@|^~,;:|!=";

/// Random sequences of the tokens that Rust consists of, hardly ever valid.
fn soup(random: &mut Random, depth: usize) -> TokenStream {
    let mut tokens = TokenStream::new();
    for _ in 0..random.below(10) {
        tokens.extend(spoonful(random, depth));
    }
    tokens
}

fn spoonful(random: &mut Random, depth: usize) -> Vec<TokenTree> {
    match random.below(if depth == 0 { 8 } else { 12 }) {
        0..=3 => vec![word(WORDS[random.below(WORDS.len())])],
        4 => vec![
            Punct::new('\'', Spacing::Joint).into(),
            word(["a", "b"][random.below(2)]),
        ],
        5..=6 => {
            let mark = MARKS.as_bytes()[random.below(MARKS.len())].into();
            let spacing = [Spacing::Alone, Spacing::Joint][random.below(2)];
            vec![Punct::new(mark, spacing).into()]
        }
        7 => vec![Literal::usize_unsuffixed(random.below(9)).into()],
        kind => {
            let delimiters = [
                Delimiter::Brace,
                Delimiter::Parenthesis,
                Delimiter::Bracket,
                Delimiter::None,
            ];
            let delimiter = delimiters[(kind - 8).min(random.below(4))];
            vec![Group::new(delimiter, soup(random, depth - 1)).into()]
        }
    }
}

fn word(word: &str) -> TokenTree {
    Ident::new(word, Span::call_site()).into()
}

/// The tokens without invisible groups, which make no difference to the compiler.
fn visible(tokens: TokenStream) -> Vec<TokenTree> {
    let open = |token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => visible(group.stream()),
        token => vec![token],
    };
    tokens.into_iter().flat_map(open).collect()
}

fn is_same(one: TokenStream, other: TokenStream) -> bool {
    let (one, other) = (visible(one), visible(other));
    one.len() == other.len()
        && one.into_iter().zip(other).all(|tokens| match tokens {
            (TokenTree::Group(one), TokenTree::Group(other)) => {
                one.delimiter() == other.delimiter() && is_same(one.stream(), other.stream())
            }
            (TokenTree::Punct(one), TokenTree::Punct(other)) => {
                one.as_char() == other.as_char() && one.spacing() == other.spacing()
            }
            (one, other) => one.to_string() == other.to_string(),
        })
}

/// Replacing each jump by itself changes nothing, and nothing makes the walker panic.
#[test]
fn walk_keeps_every_token() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for _ in 0..4_000 {
        let body = soup(&mut random, 4);
        let same = &mut |Jump { target, value, .. }: Jump| quote!(#target #value);
        let walked = jumps::replace(body.clone(), same);
        assert!(is_same(walked, body.clone()), "{body}");
    }
}

/// A search for marks changes nothing but the calls, and nothing makes it panic.
#[test]
fn search_for_marks_keeps_every_token() {
    let mark = Ident::new("marked", Span::call_site());
    let mut random = Random(0xD1B5_4A32_D192_ED03);
    for _ in 0..4_000 {
        let body = soup(&mut random, 4);
        let (told, _) = jumps::mark(quote!({ mark_failed!() } #body), &mark).unwrap();
        let expected = quote!({ mark_failed!(@ marked 0) } #body);
        assert!(is_same(told, expected), "{body}");
        assert!(jumps::mark(body, &mark).is_none());
    }
}

#[test]
fn no_input_makes_a_macro_panic() {
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    for _ in 0..1_000 {
        let (header, body) = (soup(&mut random, 2), soup(&mut random, 2));
        for expand in [crate::expand::async_for, crate::expand::async_with] {
            for input in [
                quote!((forwith) #header),
                quote!((forwith) #header { #body }),
                quote!((forwith) #header as x, { #body }),
                quote!((forwith) for x in #header { #body }),
            ] {
                assert!(!expand(input).is_empty());
            }
        }
    }
}

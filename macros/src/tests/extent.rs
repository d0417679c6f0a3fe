//! Expressions and patterns that are counted, compared with what `syn` parses.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::Parser;
use syn::{Expr, Pat};

use crate::extent::{is_expression, is_pattern};

/// Expressions, and what is none.
const EXPRESSIONS: &[&str] = &[
    "",
    "pool",
    "pool.get()",
    "pool.get().await?",
    "connect(url, 3)",
    "connect::<Postgres>(url)",
    "HashMap::<K, V>::new()",
    "<T as Connect<A, B>>::connect(url)",
    "Client { url, retries: 3 }",
    "::net::connect()",
    "crate::net::connect!(url)",
    "crate::net::connect![url, 3]",
    "self.pool",
    "self.0.1.get()",
    "&mut pool",
    "&raw const pool",
    "*pool",
    "!pool",
    "-1",
    "-1 + 2 * x.y",
    "a < b",
    "a << b >= c && d || e",
    "a as u8",
    "a as u8 as u16",
    "a as Vec<A>",
    "a as *const u8",
    "a as fn(A) -> B",
    "a..b",
    "a..",
    "..b",
    "..=b",
    "..",
    "|a, b| a + b",
    "|| 3",
    "move |a: &u8| -> u8 { *a }",
    "async || open().await",
    "async { open().await }",
    "async move { open() }",
    "unsafe { open() }",
    "const { open() }",
    "if a { b } else { c }",
    "if a { b } else if let Some(c) = d { e }",
    "match a { b => c }",
    "loop { break 3 }",
    "'a: loop { break 'a 3 }",
    "'a: { break 'a 3 }",
    "while a { b }",
    "for a in b { c }",
    "return",
    "return a",
    "break 'a b",
    "continue 'a",
    "a = b",
    "a.b = c",
    "a[0] += 1",
    "let a = b",
    "(a, b)",
    "[a; 3]",
    "a[0](1)?",
    "{ a }",
    "#[cfg(a)] b",
    "\"text\"",
    "b'c'",
    "1.5.floor()",
    "r#match.get()",
    // Broken ones.
    "a b",
    "a +",
    "a.",
    "a as",
    "a ? b",
    "foo::<A",
    "a as Vec<A",
    "|a",
    "if a",
    "match a",
    "Client { url } pool",
    "fn",
    "in a",
    "a => b",
    "a; b",
    "a, b",
    ")",
];

/// Patterns, and what is none.
const PATTERNS: &[&str] = &[
    "",
    "db",
    "mut db",
    "ref db",
    "ref mut db",
    "_",
    "_db",
    "&db",
    "&mut db",
    "&&mut db",
    "(a, b)",
    "(mut a, _)",
    "[first, .., last]",
    "Pair(a, b)",
    "net::Pair(a, b)",
    "net::Pair::<A>(a, b)",
    "::net::Pair { a, .. }",
    "Client { url: mut a, retries }",
    "<T as Trait>::NONE",
    "db @ Client { .. }",
    "db @ _",
    "mut db @ Some(_)",
    "None",
    "3",
    "-3",
    "'c'",
    "\"text\"",
    "1..=3",
    "1..",
    "..=3",
    "A..=B",
    "-1..1",
    "pattern!(a)",
    "r#type",
    // Broken ones.
    "mut",
    "&",
    "a b",
    "a.b",
    "a + b",
    "Vec<A>",
    "Vec<A",
    "fn",
    "in",
    "a @",
    "a as b",
    "a | b",
    "{ a }",
    "a()?",
    "a,",
    "#a",
];

fn tokens(text: &str) -> Option<Vec<TokenTree>> {
    let tokens: TokenStream = text.parse().ok()?;
    Some(tokens.into_iter().collect())
}

/// Compares both answers for each text. Gives the texts where they differ.
fn differences(
    texts: &[&'static str],
    counted: impl Fn(&[TokenTree]) -> bool,
    parsed: impl Fn(&str) -> bool,
) -> Vec<&'static str> {
    let differs = |text: &&&str| match tokens(text) {
        Some(tokens) => counted(&tokens) != parsed(text),
        None => false, // no tokens, such as a lone bracket
    };
    texts.iter().filter(differs).copied().collect()
}

fn is_parsed<T>(parser: impl Parser<Output = T>, text: &str) -> bool {
    parser.parse_str(text).is_ok()
}

#[test]
fn expressions_are_what_syn_parses() {
    let parsed = |text: &str| syn::parse_str::<Expr>(text).is_ok();
    assert!(parsed("pool.get()") && !parsed("a +"));
    assert_eq!(differences(EXPRESSIONS, is_expression, parsed), [""; 0]);
}

#[test]
fn patterns_are_what_syn_parses() {
    let parsed = |text: &str| is_parsed(Pat::parse_single, text);
    assert!(parsed("mut db") && !parsed("a @"));
    assert_eq!(differences(PATTERNS, is_pattern, parsed), [""; 0]);
}

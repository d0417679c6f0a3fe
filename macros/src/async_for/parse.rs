//! Finds the parts of `#[option]* 'label: for PAT in EXPR { BODY }`.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};

use crate::errors::Errors;
use crate::tokens::{braces, is_punct, is_word, lifetime, span, stream};

const FORM: &str = "write `async_for!(for item in stream { … })`";

/// A call of `async_for!`, in the user's own tokens.
pub(super) struct Loop {
    pub(super) options: Options,
    /// The label with its colon.
    pub(super) label: TokenStream,
    pub(super) pattern: TokenStream,
    pub(super) stream: TokenStream,
    pub(super) body: Group,
}

/// What the attributes in front of the loop say.
#[derive(Default)]
pub(super) struct Options {
    /// `#[until(future)]`
    pub(super) until: Option<TokenStream>,
    /// `#[yield_every(n)]`
    pub(super) yield_every: Option<Every>,
}

/// After how many ready items the others have their turn.
pub(super) enum Every {
    Items(TokenStream),
    Never,
}

pub(super) fn parse(tokens: &[TokenTree], errors: &mut Errors) -> Option<Loop> {
    let (options, tokens) = options(tokens, errors);
    let (label, tokens) = label(tokens);
    let Some((TokenTree::Ident(keyword), tokens)) = tokens.split_first() else {
        not_a_loop(tokens, errors);
        return None;
    };
    if keyword != "for" {
        near_miss(keyword, errors);
        return None;
    }
    header(tokens, errors).map(|(pattern, stream, body)| Loop {
        options,
        label,
        pattern,
        stream,
        body,
    })
}

fn not_a_loop(tokens: &[TokenTree], errors: &mut Errors) {
    match tokens.first() {
        Some(token) => errors.on(token, FORM),
        None => errors.at(Span::call_site(), FORM),
    }
}

/// Says what to write for a loop in the style of another language.
fn near_miss(word: &proc_macro2::Ident, errors: &mut Errors) {
    let message = match word.to_string().as_str() {
        "async" | "await" => {
            "leave this word out: write `async_for!(for item in stream { … })`".into()
        }
        "while" => {
            "`async_for!` asks for the items itself: write `async_for!(for item in stream { … })`"
                .into()
        }
        "loop" => {
            "a `loop` needs no macro; over a stream write `async_for!(for item in stream { … })`"
                .into()
        }
        _ => format!("a loop begins with `for`: {FORM}"),
    };
    errors.on(word, &message);
}

/// `PAT in EXPR { BODY }`
fn header(tokens: &[TokenTree], errors: &mut Errors) -> Option<(TokenStream, TokenStream, Group)> {
    let Some(at) = tokens.iter().position(|token| is_word(Some(token), "in")) else {
        errors.at(span(tokens), &format!("there is no `in`: {FORM}"));
        return None;
    };
    let (pattern, rest) = (&tokens[..at], &tokens[at + 1..]);
    if pattern
        .first()
        .is_some_and(|first| is_word(Some(first), "await"))
    {
        errors.on(
            &pattern[0],
            "leave this word out: `async_for!` awaits each item",
        );
        return None;
    }
    let (rest, body) = match rest.split_last() {
        Some((last, rest)) if braces(Some(last)).is_some() => (rest, braces(Some(last))?),
        _ => {
            errors.at(
                span(&tokens[at..]),
                &format!("the loop has no body: {FORM}"),
            );
            return None;
        }
    };
    if pattern.is_empty() {
        errors.on(
            &tokens[at],
            &format!("a pattern is missing before `in`: {FORM}"),
        );
        return None;
    }
    if rest.is_empty() {
        errors.on(
            &tokens[at],
            &format!("a stream is missing after `in`: {FORM}"),
        );
        return None;
    }
    Some((stream(pattern), stream(rest), body.clone()))
}

/// `'label:`
fn label(tokens: &[TokenTree]) -> (TokenStream, &[TokenTree]) {
    if lifetime(tokens).is_some() && is_punct(tokens.get(2), ':') {
        (stream(&tokens[..3]), &tokens[3..])
    } else {
        (TokenStream::new(), tokens)
    }
}

/// `#[option]*`
fn options<'a>(mut tokens: &'a [TokenTree], errors: &mut Errors) -> (Options, &'a [TokenTree]) {
    let mut options = Options::default();
    while let [
        TokenTree::Punct(hash),
        TokenTree::Group(attribute),
        rest @ ..,
    ] = tokens
    {
        if hash.as_char() != '#' || attribute.delimiter() != Delimiter::Bracket {
            break;
        }
        option(attribute, &mut options, errors);
        tokens = rest;
    }
    (options, tokens)
}

fn option(attribute: &Group, options: &mut Options, errors: &mut Errors) {
    let tokens: Vec<_> = attribute.stream().into_iter().collect();
    let (name, argument) = match &tokens[..] {
        [TokenTree::Ident(name)] => (name, TokenStream::new()),
        [TokenTree::Ident(name), TokenTree::Group(argument)] => (name, argument.stream()),
        _ => return errors.on(attribute, UNKNOWN),
    };
    match name.to_string().as_str() {
        "until" if argument.is_empty() => {
            errors.on(
                name,
                "`until` needs the future that ends the loop: `#[until(future)]`",
            );
        }
        "until" if options.until.is_some() => errors.on(name, "there is an `until` already"),
        "until" => options.until = Some(argument),
        "yield_every" if options.yield_every.is_some() => {
            errors.on(name, "there is a `yield_every` already");
        }
        "yield_every" => options.yield_every = every(name, argument, errors),
        _ => errors.on(name, UNKNOWN),
    }
}

const UNKNOWN: &str = "`async_for!` knows the options `#[until(future)]` and `#[yield_every(n)]`";

fn every(name: &proc_macro2::Ident, argument: TokenStream, errors: &mut Errors) -> Option<Every> {
    match argument.to_string().as_str() {
        "" => errors.on(
            name,
            "`yield_every` needs a number of items, or `never`: `#[yield_every(128)]`",
        ),
        "0" => errors.on(
            argument,
            "a loop cannot yield after every 0 items; to take the yielding out, write `never`",
        ),
        "never" => return Some(Every::Never),
        _ => return Some(Every::Items(argument)),
    }
    None
}

//! Parses `#[option]* 'label: for PAT in EXPR { BODY }`.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

use super::forms::ASYNC_FOR;
use crate::call::{Concurrent, Errors, ForLoop, Options, YieldEvery};
use crate::tokens::{braces, is_punct, is_word, lifetime, stream};

/// Parses a call of `async_for!`.
pub(crate) fn for_loop(tokens: &[TokenTree], errors: &mut Errors) -> Option<ForLoop> {
    let (mut options, tokens) = options(tokens, errors);
    if let (Some(collect), None) = (&options.collect, &options.concurrent) {
        errors.on(
            collect,
            "`collect` belongs to a concurrent loop: `#[concurrent(n)] #[collect]`, where `1` runs \
             one body after the other",
        );
        options.concurrent = Some(Concurrent::Unlimited);
    }
    let (label, tokens) = label(tokens);
    let tokens = keyword(tokens, errors)?;
    let (pattern, tokens) = pattern(tokens, errors)?;
    let (stream, body) = stream_and_body(tokens, errors)?;
    Some(ForLoop {
        options,
        label,
        pattern,
        stream,
        body,
    })
}

/// `for`
fn keyword<'a>(tokens: &'a [TokenTree], errors: &mut Errors) -> Option<&'a [TokenTree]> {
    let Some((first, rest)) = tokens.split_first() else {
        errors.at(Span::call_site(), ASYNC_FOR);
        return None;
    };
    let mistake = match first.to_string().as_str() {
        "for" => return Some(rest),
        "async" if is_word(rest.first(), "for") => {
            errors.on(first, &format!("remove this word: {ASYNC_FOR}"));
            return Some(&rest[1..]);
        }
        "#" => "options come before the label",
        "while" => "`async_for!` takes the items from the stream itself",
        "loop" => "a plain `loop` needs no macro, and a loop over a stream begins with `for`",
        _ => "a loop begins with `for`",
    };
    errors.on(first, &format!("{mistake}: {ASYNC_FOR}"));
    None
}

/// `PAT in`
fn pattern<'a>(
    tokens: &'a [TokenTree],
    errors: &mut Errors,
) -> Option<(TokenStream, &'a [TokenTree])> {
    let Some(at) = tokens.iter().position(|token| is_word(Some(token), "in")) else {
        errors.on(tokens.first(), &format!("`in` is missing: {ASYNC_FOR}"));
        return None;
    };
    let mut pattern = &tokens[..at];
    if let Some((first, rest)) = pattern
        .split_first()
        .filter(|(first, _)| is_word(Some(first), "await"))
    {
        errors.on(first, "remove this word: `async_for!` awaits each item");
        pattern = rest;
    }
    if pattern.is_empty() {
        errors.on(
            &tokens[at],
            &format!("a pattern is missing before `in`: {ASYNC_FOR}"),
        );
        return None;
    }
    Some((stream(pattern), &tokens[at..]))
}

/// `in EXPR { BODY }`
fn stream_and_body(tokens: &[TokenTree], errors: &mut Errors) -> Option<(TokenStream, Group)> {
    let (last, header) = tokens.split_last()?;
    let Some(body) = braces(Some(last)) else {
        let has_body = tokens.iter().any(|token| braces(Some(token)).is_some());
        let mistake = if has_body {
            "the body comes last"
        } else {
            "the loop has no body"
        };
        errors.on(last, &format!("{mistake}: {ASYNC_FOR}"));
        return None;
    };
    match header {
        [.., last] if is_word(Some(last), "else") => {
            let form = "write `let Some(item) = async_for!(…) else { … }`";
            errors.on(
                last,
                &format!("a loop that ends without a `break value` gives `None`: {form}"),
            );
            None
        }
        [_, stream_tokens @ ..] if !stream_tokens.is_empty() => {
            Some((stream(stream_tokens), body.clone()))
        }
        _ => {
            errors.on(
                &tokens[0],
                &format!("a stream is missing after `in`: {ASYNC_FOR}"),
            );
            None
        }
    }
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
        [TokenTree::Ident(name), TokenTree::Group(argument)]
            if argument.delimiter() == Delimiter::Parenthesis =>
        {
            (name, argument.stream())
        }
        [TokenTree::Ident(name), equals, ..] if is_punct(Some(equals), '=') => {
            let form = format!("an option has its argument in parentheses: `#[{name}(…)]`");
            return errors.on(attribute, &form);
        }
        _ => return errors.on(attribute, UNKNOWN),
    };
    match name.to_string().as_str() {
        "until" if argument.is_empty() => {
            errors.on(
                name,
                "`until` needs the future that ends the loop: `#[until(future)]`",
            );
        }
        "until" if options.until.is_some() => errors.on(name, "`until` is given twice"),
        "until" => options.until = Some(argument),
        "yield_every" if options.yield_every.is_some() => {
            errors.on(name, "`yield_every` is given twice");
        }
        "yield_every" => options.yield_every = yield_every(name, argument, errors),
        "concurrent" if options.concurrent.is_some() => {
            errors.on(name, "`concurrent` is given twice");
        }
        "concurrent" => options.concurrent = Some(concurrent(name, argument, errors)),
        "collect" => {
            if options.collect.is_some() {
                errors.on(name, "`collect` is given twice");
            }
            if let Some(argument) = tokens.get(1) {
                errors.on(
                    argument,
                    "`collect` takes no argument: `#[concurrent(n)] #[collect]`",
                );
            }
            options.collect = Some(name.clone());
        }
        _ => errors.on(name, UNKNOWN),
    }
}

const UNKNOWN: &str = "unknown option: there are `until(future)`, `yield_every(n)`, \
                       `concurrent(n)` and `collect`";

/// Where the argument is wrong, the loop is concurrent nevertheless, so that the compiler does not
/// complain about the rest of it.
fn concurrent(name: &Ident, argument: TokenStream, errors: &mut Errors) -> Concurrent {
    match argument.to_string().as_str() {
        "" => errors.on(
            name,
            "`concurrent` needs the number of bodies that may run at once, or `unlimited`: \
             `#[concurrent(8)]`",
        ),
        number if is_zero(number) => errors.on(
            argument,
            "a loop cannot run 0 bodies at once: `1` runs one after the other",
        ),
        "unlimited" => {}
        _ => return Concurrent::Limit(argument),
    }
    Concurrent::Unlimited
}

fn yield_every(name: &Ident, argument: TokenStream, errors: &mut Errors) -> Option<YieldEvery> {
    match argument.to_string().as_str() {
        "" => errors.on(
            name,
            "`yield_every` needs a number of items, or `never`: `#[yield_every(128)]`",
        ),
        number if is_zero(number) => errors.on(
            argument,
            "a loop cannot yield after every 0 items: write `1` to yield after each, or `never`",
        ),
        "never" => return Some(YieldEvery::Never),
        _ => return Some(YieldEvery::Items(argument)),
    }
    None
}

/// Whether this is a literal of an integer that is 0: `0`, `0usize`, `0_u32`, `0x00`.
fn is_zero(argument: &str) -> bool {
    const TYPES: [&str; 12] = [
        "usize", "u8", "u16", "u32", "u64", "u128", "isize", "i8", "i16", "i32", "i64", "i128",
    ];
    let suffix = TYPES.iter().find_map(|name| argument.strip_suffix(name));
    let digits = suffix.unwrap_or(argument);
    let prefix = ["0x", "0o", "0b"]
        .iter()
        .find_map(|base| digits.strip_prefix(base));
    let digits = prefix.unwrap_or(digits);
    digits.contains('0') && digits.chars().all(|digit| matches!(digit, '0' | '_'))
}

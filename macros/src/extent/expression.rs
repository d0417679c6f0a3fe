//! An expression is operands with operators between them.

use proc_macro2::{Delimiter, TokenTree};

use super::{angles, is_joint, path_end, range, turbofish};
use crate::tokens::{braces, is_punct, is_word, lifetime};

/// Whether braces behind a path are a struct literal. In the header of a loop they are the body.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum StructLiterals {
    Allowed,
    Forbidden,
}

/// Operators between two operands, longest first.
const BINARY: &[&str] = &[
    "<<=", ">>=", "&&", "||", "==", "!=", "<=", ">=", "<<", ">>", "+=", "-=", "*=", "/=", "%=",
    "^=", "&=", "|=", "+", "-", "*", "/", "%", "^", "&", "|", "<", ">", "=",
];

/// Words with which no expression begins.
pub(super) const NO_OPERAND: &[&str] = &[
    "as", "else", "enum", "extern", "fn", "impl", "in", "mod", "mut", "pub", "ref", "struct",
    "trait", "type", "use", "where",
];

/// The tokens of an expression at the front.
pub(crate) fn expression(tokens: &[TokenTree], literals: StructLiterals) -> Option<usize> {
    let mut at = operand(tokens, literals)?;
    loop {
        let rest = &tokens[at..];
        if let Some(taken) = postfix(rest)? {
            at += taken;
        } else if let Some(dots) = range(rest) {
            at += dots;
            // The end of a range may be missing.
            if !begins(&tokens[at..], literals) {
                return Some(at);
            }
            at += operand(&tokens[at..], literals)?;
        } else if let Some(taken) = binary(rest) {
            at += taken;
            at += operand(&tokens[at..], literals)?;
        } else {
            return Some(at);
        }
    }
}

/// The tokens in front of the braces that end a header: `EXPR { … }`.
pub(crate) fn header(tokens: &[TokenTree]) -> Option<usize> {
    let taken = expression(tokens, StructLiterals::Forbidden)?;
    braces(tokens.get(taken)).map(|_| taken)
}

/// The tokens of a pattern in front of the word `in`; `None` if there is no `in`, as behind the
/// `for` of an `impl` or of a bound.
pub(crate) fn pattern_before_in(tokens: &[TokenTree]) -> Option<usize> {
    let is_end = |token| {
        let is_word = |words: &[&str]| words.iter().any(|word| is_word(Some(token), word));
        let is_in_patterns = is_word(&["mut", "ref"]);
        let is_foreign = is_word(NO_OPERAND) || is_word(&["for", "let", "loop", "while"]);
        is_punct(Some(token), ';') || (is_foreign && !is_in_patterns)
    };
    let end = tokens.iter().position(is_end)?;
    is_word(tokens.get(end), "in").then_some(end)
}

/// The tokens of the jump's value, if there is one; `None` if it is not complete.
pub(crate) fn optional(tokens: &[TokenTree], literals: StructLiterals) -> Option<usize> {
    if begins(tokens, literals) {
        expression(tokens, literals)
    } else {
        Some(0)
    }
}

/// The tokens in front of the next `;` or `,`: what there is of an expression that is being typed.
pub(crate) fn to_mark(tokens: &[TokenTree]) -> usize {
    let is_mark = |token| is_punct(Some(token), ';') || is_punct(Some(token), ',');
    let end = tokens.iter().position(is_mark);
    end.unwrap_or(tokens.len())
}

/// The tokens of a closure, from its first bar.
pub(crate) fn closure(tokens: &[TokenTree], literals: StructLiterals) -> Option<usize> {
    if !is_punct(tokens.first(), '|') {
        return None;
    }
    let end = 2 + tokens[1..]
        .iter()
        .position(|token| is_punct(Some(token), '|'))?;
    if !is_joint(&tokens[end..], "->") {
        return Some(end + expression(&tokens[end..], literals)?);
    }
    let body = end + 2 + type_name(&tokens[end + 2..])?;
    braces(tokens.get(body)).map(|_| body + 1)
}

/// Whether an expression may begin with this token.
fn begins(tokens: &[TokenTree], literals: StructLiterals) -> bool {
    match tokens.first() {
        None => false,
        Some(TokenTree::Literal(_)) => true,
        Some(TokenTree::Group(group)) => {
            literals == StructLiterals::Allowed || group.delimiter() != Delimiter::Brace
        }
        Some(TokenTree::Ident(word)) => !NO_OPERAND.iter().any(|no| word == no),
        Some(TokenTree::Punct(punct)) => match punct.as_char() {
            '!' | '*' | '&' | '|' | '<' | '\'' => true,
            '-' => !is_joint(tokens, "->"),
            '.' => is_joint(tokens, ".."),
            ':' => is_joint(tokens, "::"),
            _ => false,
        },
    }
}

fn operand(tokens: &[TokenTree], literals: StructLiterals) -> Option<usize> {
    match tokens.first()? {
        TokenTree::Literal(_) | TokenTree::Group(_) => Some(1),
        TokenTree::Ident(_) => word(tokens, literals),
        TokenTree::Punct(punct) => match punct.as_char() {
            '!' | '*' | '-' => behind(1, tokens, literals),
            '&' => {
                let is_raw = is_word(tokens.get(1), "raw")
                    && (is_word(tokens.get(2), "const") || is_word(tokens.get(2), "mut"));
                let is_mut = is_word(tokens.get(1), "mut");
                behind(
                    if is_raw { 3 } else { 1 + usize::from(is_mut) },
                    tokens,
                    literals,
                )
            }
            '#' => behind(2, tokens, literals),
            '|' => closure(tokens, literals),
            '<' => Some(path_end(tokens, angles(tokens)?)),
            '.' => {
                let dots = range(tokens)?;
                Some(dots + optional(&tokens[dots..], literals)?)
            }
            ':' if is_joint(tokens, "::") => behind(2, tokens, literals),
            '\'' if is_punct(tokens.get(2), ':') => behind(3, tokens, literals),
            _ => None,
        },
    }
}

/// An operand behind so many tokens.
fn behind(taken: usize, tokens: &[TokenTree], literals: StructLiterals) -> Option<usize> {
    Some(taken + operand(tokens.get(taken..)?, literals)?)
}

/// An operand that begins with a word.
fn word(tokens: &[TokenTree], literals: StructLiterals) -> Option<usize> {
    let rest = &tokens[1..];
    let has_block = braces(rest.first()).is_some();
    match tokens[0].to_string().as_str() {
        "if" => conditional(tokens),
        "match" | "while" => Some(2 + header(rest)?),
        "for" => for_loop(tokens),
        "loop" => has_block.then_some(2),
        "unsafe" | "const" | "try" | "gen" if has_block => Some(2),
        "async" | "move" | "static" | "gen" if begins_block_or_closure(rest) => {
            behind(1, tokens, literals)
        }
        "return" | "yield" | "become" => Some(1 + optional(rest, StructLiterals::Allowed)?),
        "break" => {
            let head = 1 + label(rest);
            Some(head + optional(&tokens[head..], literals)?)
        }
        "continue" => Some(1 + label(rest)),
        "let" => {
            let equals = pattern_before_equals(rest)?;
            behind(equals + 2, tokens, literals)
        }
        word if NO_OPERAND.contains(&word) => None,
        _ => {
            let end = path_end(tokens, 1);
            let is_macro = is_punct(tokens.get(end), '!')
                && matches!(tokens.get(end + 1), Some(TokenTree::Group(_)));
            let is_literal =
                literals == StructLiterals::Allowed && braces(tokens.get(end)).is_some();
            Some(end + 2 * usize::from(is_macro) + usize::from(is_literal))
        }
    }
}

fn begins_block_or_closure(tokens: &[TokenTree]) -> bool {
    let is_prefix = |word| is_word(tokens.first(), word);
    braces(tokens.first()).is_some()
        || is_punct(tokens.first(), '|')
        || ["move", "gen", "async"].into_iter().any(is_prefix)
}

/// `if … { … } else if … { … } else { … }`
fn conditional(tokens: &[TokenTree]) -> Option<usize> {
    let end = 2 + header(&tokens[1..])?;
    if !is_word(tokens.get(end), "else") {
        return Some(end);
    }
    let behind = &tokens[end + 1..];
    if is_word(behind.first(), "if") {
        return Some(end + 1 + conditional(behind)?);
    }
    braces(behind.first()).map(|_| end + 2)
}

/// `for PAT in EXPR { … }`, and nightly's `for await`.
pub(crate) fn for_loop(tokens: &[TokenTree]) -> Option<usize> {
    let stream = 2 + pattern_before_in(&tokens[1..])?;
    Some(stream + header(&tokens[stream..])? + 1)
}

/// The pattern of a `let`, up to its `=`.
fn pattern_before_equals(tokens: &[TokenTree]) -> Option<usize> {
    let is_end = |at: &usize| {
        let is_range = at
            .checked_sub(1)
            .is_some_and(|at| is_joint(&tokens[at..], ".="));
        is_punct(tokens.get(*at), '=') && !is_range
    };
    (0..tokens.len()).find(is_end)
}

/// What may follow an operand; `Some(None)` where nothing does.
#[expect(clippy::option_option, reason = "incomplete, absent, present")]
fn postfix(tokens: &[TokenTree]) -> Option<Option<usize>> {
    let taken = match tokens.first() {
        Some(TokenTree::Group(group)) => match group.delimiter() {
            Delimiter::Parenthesis | Delimiter::Bracket => 1,
            Delimiter::Brace | Delimiter::None => return Some(None),
        },
        Some(TokenTree::Punct(punct)) if punct.as_char() == '?' => 1,
        Some(TokenTree::Punct(punct)) if punct.as_char() == '.' && range(tokens).is_none() => {
            match tokens.get(1)? {
                TokenTree::Ident(_) | TokenTree::Literal(_) => turbofish(tokens, 2),
                TokenTree::Group(_) | TokenTree::Punct(_) => return None,
            }
        }
        Some(TokenTree::Ident(word)) if word == "as" => 1 + type_name(&tokens[1..])?,
        _ => return Some(None),
    };
    Some(Some(taken))
}

fn binary(tokens: &[TokenTree]) -> Option<usize> {
    if is_joint(tokens, "=>") || is_joint(tokens, "->") {
        return None;
    }
    let operator = BINARY.iter().find(|operator| is_joint(tokens, operator))?;
    Some(operator.len())
}

/// A type behind `as` or `->`.
fn type_name(tokens: &[TokenTree]) -> Option<usize> {
    match tokens.first()? {
        TokenTree::Literal(_) => None,
        TokenTree::Group(_) => Some(1),
        TokenTree::Punct(punct) => match punct.as_char() {
            '!' => Some(1),
            '&' | '*' => Some(1 + type_name(&tokens[1..])?),
            '\'' => Some(2 + type_name(tokens.get(2..)?)?),
            '<' => Some(path_end(tokens, angles(tokens)?)),
            ':' if is_joint(tokens, "::") => Some(2 + type_name(&tokens[2..])?),
            _ => None,
        },
        TokenTree::Ident(word) => match word.to_string().as_str() {
            "mut" | "const" | "dyn" | "impl" | "unsafe" => Some(1 + type_name(&tokens[1..])?),
            _ => {
                let mut end = 1;
                loop {
                    // A type that a `<` follows has arguments, so this is no comparison.
                    if is_punct(tokens.get(end), '<') {
                        end += angles(&tokens[end..])?;
                    }
                    // `fn(…)`, `Fn(…)`
                    if let Some(TokenTree::Group(group)) = tokens.get(end) {
                        if group.delimiter() == Delimiter::Parenthesis {
                            end += 1;
                        }
                    }
                    if is_joint(&tokens[end..], "->") {
                        return Some(end + 2 + type_name(&tokens[end + 2..])?);
                    }
                    if !is_joint(&tokens[end..], "::") {
                        return Some(end);
                    }
                    end += 2;
                    if let Some(TokenTree::Ident(_)) = tokens.get(end) {
                        end += 1;
                    }
                }
            }
        },
    }
}

/// The tokens of the label behind a `break` or `continue`, which may be missing. In `break 'a: loop
/// {}` it belongs to the value.
pub(crate) fn label(tokens: &[TokenTree]) -> usize {
    let is_of_value = is_punct(tokens.get(2), ':') && !is_joint(&tokens[2..], "::");
    2 * usize::from(lifetime(tokens).is_some() && !is_of_value)
}

//! Recognizes a piece of code by its first tokens, and counts its tokens.

use proc_macro2::{Delimiter, Ident, Spacing, TokenStream, TokenTree};

use crate::extent::{self, StructLiterals};
use crate::tokens::{braces, is_punct, is_word, lifetime};

/// Macros that put no loop around their input: an unlabelled jump in them means what it means
/// outside.
const TRANSPARENT: &[&str] = &[
    "addr_of",
    "addr_of_mut",
    "anyhow",
    "assert",
    "assert_eq",
    "assert_matches",
    "assert_ne",
    "async_for",
    "async_with",
    "bail",
    "concat",
    "dbg",
    "debug",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_matches",
    "debug_assert_ne",
    "debug_span",
    "ensure",
    "eprint",
    "eprintln",
    "error",
    "error_span",
    "event",
    "eyre",
    "format",
    "format_args",
    "info",
    "info_span",
    "join",
    "json",
    "log",
    "mark_failed",
    "matches",
    "panic",
    "pin",
    "pin_mut",
    "poll",
    "print",
    "println",
    "ready",
    "select",
    "select_biased",
    "span",
    "todo",
    "trace",
    "trace_span",
    "try_join",
    "unimplemented",
    "unreachable",
    "vec",
    "warn",
    "warn_span",
    "write",
    "writeln",
];

/// Words that may precede a `!` but are not the name of a macro.
const OPERATORS: &[&str] = &["else", "if", "in", "match", "return", "while"];

/// The words with which a shape may begin, but for the names of macros.
const FIRST_WORDS: &[&str] = &["async", "break", "continue", "fn", "for", "loop", "while"];

/// Words after which an expression, and therefore a closure, may begin.
const BEFORE_CLOSURE: &[&str] = &["async", "else", "in", "move", "return", "static"];

/// Whether one of the shapes below may begin with the first token. Most tokens begin none.
pub(super) fn may_begin(tokens: &[TokenTree]) -> bool {
    match &tokens[0] {
        TokenTree::Ident(_) if is_punct(tokens.get(1), '!') => true,
        TokenTree::Ident(word) => FIRST_WORDS.contains(&word.to_string().as_str()),
        TokenTree::Punct(mark) => matches!(mark.as_char(), '\'' | '|'),
        TokenTree::Group(_) | TokenTree::Literal(_) => false,
    }
}

/// The length of code that no jump can cross. If one tries to, the compiler has the best message.
pub(super) fn boundary(before: Option<&TokenTree>, tokens: &[TokenTree]) -> Option<usize> {
    item(tokens).or_else(|| closure_or_async_block(before, tokens))
}

/// The length of a function or of a macro's definition, which cannot use the locals around it.
pub(super) fn item(tokens: &[TokenTree]) -> Option<usize> {
    function(tokens).or_else(|| macro_definition(tokens))
}

/// The length of code that may use the locals around it, but has a `return` of its own.
pub(super) fn closure_or_async_block(
    before: Option<&TokenTree>,
    tokens: &[TokenTree],
) -> Option<usize> {
    async_block(tokens).or_else(|| closure(before, tokens))
}

fn async_block(tokens: &[TokenTree]) -> Option<usize> {
    let is_async = is_word(tokens.first(), "async");
    let head = 1 + usize::from(is_word(tokens.get(1), "move"));
    (is_async && braces(tokens.get(head)).is_some()).then_some(head + 1)
}

fn function(tokens: &[TokenTree]) -> Option<usize> {
    if !is_word(tokens.first(), "fn") || !matches!(tokens.get(1), Some(TokenTree::Ident(_))) {
        return None;
    }
    let is_end = |token| braces(Some(token)).is_some() || is_punct(Some(token), ';');
    tokens.iter().position(is_end).map(|end| end + 1)
}

fn macro_definition(tokens: &[TokenTree]) -> Option<usize> {
    let is_one = is_word(tokens.first(), "macro_rules") && is_punct(tokens.get(1), '!');
    (is_one && tokens.len() >= 4).then_some(4)
}

fn closure(before: Option<&TokenTree>, tokens: &[TokenTree]) -> Option<usize> {
    let may_begin = match before {
        None => true,
        Some(TokenTree::Punct(punct)) => !matches!(punct.as_char(), '|' | '?' | '>'),
        Some(TokenTree::Ident(word)) => BEFORE_CLOSURE.iter().any(|known| word == known),
        Some(_) => false,
    };
    if !may_begin || !is_punct(tokens.first(), '|') {
        return None;
    }
    extent::closure(tokens, StructLiterals::Allowed)
}

/// The name of a label in front of a loop or a block. The label itself is three tokens long.
pub(super) fn label(tokens: &[TokenTree]) -> Option<&Ident> {
    let label = lifetime(tokens).filter(|_| is_punct(tokens.get(2), ':'))?;
    (braces(tokens.get(3)).is_some() || starts_loop(tokens.get(3))).then_some(label)
}

fn starts_loop(token: Option<&TokenTree>) -> bool {
    ["loop", "while", "for"]
        .iter()
        .any(|word| is_word(token, word))
}

/// A loop at the front of some tokens.
pub(super) enum Loop {
    /// It is so many tokens long. Its last token is its body.
    Whole(usize),
    /// Its body is not found.
    Unknown,
}

/// `loop { … }`, `while … { … }`, `for … in … { … }`
pub(super) fn whole_loop(tokens: &[TokenTree]) -> Option<Loop> {
    let rest = tokens.get(1..)?;
    let taken = if is_word(tokens.first(), "loop") {
        braces(rest.first()).map(|_| 2)
    } else if is_word(tokens.first(), "while") {
        extent::header(rest).map(|head| head + 2)
    } else if is_word(tokens.first(), "for") {
        // Without an `in` it is that of an `impl`, or of a bound.
        extent::pattern_before_in(rest)?;
        extent::for_loop(tokens)
    } else {
        return None;
    };
    Some(taken.map_or(Loop::Unknown, Loop::Whole))
}

/// The extent of a jump.
pub(super) struct JumpShape {
    pub(super) label: Option<Ident>,
    /// The number of tokens of the keyword and the label.
    pub(super) head: usize,
    /// The number of tokens of the whole jump, with its value.
    pub(super) taken: usize,
    /// Whether the value is a whole expression.
    pub(super) is_complete: bool,
}

/// `break 'label value`, `continue 'label`
pub(super) fn jump(tokens: &[TokenTree]) -> Option<JumpShape> {
    let has_value = is_word(tokens.first(), "break");
    if !has_value && !is_word(tokens.first(), "continue") {
        return None;
    }
    let head = 1 + extent::label(&tokens[1..]);
    let label = lifetime(&tokens[1..head]).cloned();
    let value = if has_value {
        extent::optional(&tokens[head..], StructLiterals::Allowed)
    } else {
        Some(0)
    };
    let rest = || extent::to_mark(&tokens[head..]);
    Some(JumpShape {
        label,
        head,
        taken: head + value.unwrap_or_else(rest),
        is_complete: value.is_some(),
    })
}

/// The condition of a `#[cfg(…)]`, which is two tokens long.
pub(super) fn cfg(tokens: &[TokenTree]) -> Option<TokenStream> {
    let [TokenTree::Punct(hash), TokenTree::Group(attribute), ..] = tokens else {
        return None;
    };
    if hash.as_char() != '#' || attribute.delimiter() != Delimiter::Bracket {
        return None;
    }
    let inside: Vec<_> = attribute.stream().into_iter().collect();
    match &inside[..] {
        [name, TokenTree::Group(condition)] if is_word(Some(name), "cfg") => {
            Some(condition.stream())
        }
        _ => None,
    }
}

/// The length of what an attribute belongs to: a statement, or an arm of a `match`.
pub(super) fn statement(tokens: &[TokenTree]) -> usize {
    let is_end = |at: &usize| {
        let next = tokens.get(at + 1);
        let goes_on = is_word(next, "else")
            || ['.', '?', '=', '|']
                .iter()
                .any(|mark| is_punct(next, *mark));
        let is_block = braces(tokens.get(*at)).is_some() && !goes_on;
        let is_let = is_word(tokens.first(), "let");
        is_punct(tokens.get(*at), ';') || (!is_let && (is_block || is_punct(tokens.get(*at), ',')))
    };
    (0..tokens.len())
        .find(is_end)
        .map_or(tokens.len(), |end| end + 1)
}

/// The call of a macro.
pub(super) struct MacroCall {
    /// Whether an unlabelled jump in the input means what it means outside.
    pub(super) is_transparent: bool,
}

/// `name!(…)`
pub(super) fn macro_call(tokens: &[TokenTree]) -> Option<MacroCall> {
    let name = called_macro(tokens)?;
    let is_transparent = TRANSPARENT.iter().any(|known| name == known);
    Some(MacroCall { is_transparent })
}

/// The name of the macro with whose call `tokens` begin.
pub(crate) fn called_macro(tokens: &[TokenTree]) -> Option<&Ident> {
    let [
        TokenTree::Ident(name),
        TokenTree::Punct(bang),
        TokenTree::Group(_),
        ..,
    ] = tokens
    else {
        return None;
    };
    let is_bang = bang.as_char() == '!' && bang.spacing() == Spacing::Alone;
    (is_bang && !OPERATORS.iter().any(|word| name == word)).then_some(name)
}

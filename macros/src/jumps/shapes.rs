//! Recognizes a piece of code by its first tokens, and counts its tokens.

use proc_macro2::{Ident, Spacing, TokenTree};
use syn::{ExprBreak, ExprClosure, ExprContinue, ExprForLoop, ExprLoop, ExprWhile};

use crate::tokens::{braces, is_punct, is_word, lifetime, parse_front};

/// Macros that put no loop around their input: an unlabelled jump in them means what it means
/// outside.
const TRANSPARENT: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "async_for",
    "async_with",
    "dbg",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "eprint",
    "eprintln",
    "format",
    "format_args",
    "matches",
    "panic",
    "print",
    "println",
    "select",
    "select_biased",
    "todo",
    "unimplemented",
    "unreachable",
    "vec",
    "write",
    "writeln",
];

/// Words that may precede a `!` but are not the name of a macro.
const OPERATORS: &[&str] = &["else", "if", "in", "match", "return", "while"];

/// Words after which an expression, and therefore a closure, may begin.
const BEFORE_CLOSURE: &[&str] = &["async", "else", "in", "move", "return", "static"];

/// The length of code that no jump can cross. If one tries to, the compiler has the best message.
pub(super) fn boundary(before: Option<&TokenTree>, tokens: &[TokenTree]) -> Option<usize> {
    async_block(tokens)
        .or_else(|| function(tokens))
        .or_else(|| macro_definition(tokens))
        .or_else(|| closure(before, tokens))
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
    Some(parse_front::<ExprClosure>(tokens)?.1)
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

/// The length of a whole loop. Its last token is its body.
pub(super) fn whole_loop(tokens: &[TokenTree]) -> Option<usize> {
    let TokenTree::Ident(word) = tokens.first()? else {
        return None;
    };
    match word.to_string().as_str() {
        "loop" => Some(parse_front::<ExprLoop>(tokens)?.1),
        "while" => Some(parse_front::<ExprWhile>(tokens)?.1),
        "for" => Some(parse_front::<ExprForLoop>(tokens)?.1),
        _ => None,
    }
}

/// The extent of a jump.
pub(super) struct JumpShape {
    pub(super) label: Option<Ident>,
    /// The number of tokens of the keyword and the label.
    pub(super) head: usize,
    /// The number of tokens of the whole jump, with its value.
    pub(super) taken: usize,
}

/// `break 'label value`, `continue 'label`
pub(super) fn jump(tokens: &[TokenTree]) -> Option<JumpShape> {
    let (label, taken) = if is_word(tokens.first(), "break") {
        let (jump, taken) = parse_front::<ExprBreak>(tokens)?;
        (jump.label, taken)
    } else if is_word(tokens.first(), "continue") {
        let (jump, taken) = parse_front::<ExprContinue>(tokens)?;
        (jump.label, taken)
    } else {
        return None;
    };
    let label = label.map(|label| label.ident);
    let head = match &label {
        Some(_) => 1 + lifetime(&tokens[1..]).map(|_| 2)?,
        None => 1,
    };
    Some(JumpShape { label, head, taken })
}

/// The call of a macro.
pub(super) struct MacroCall {
    /// Whether an unlabelled jump in the input means what it means outside.
    pub(super) is_transparent: bool,
}

/// `name!(…)`
pub(super) fn macro_call(tokens: &[TokenTree]) -> Option<MacroCall> {
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
    if !is_bang || OPERATORS.iter().any(|word| name == word) {
        return None;
    }
    let is_transparent = TRANSPARENT.iter().any(|known| name == known);
    Some(MacroCall { is_transparent })
}

//! Whether what a body gives has failed, and how deep the code has to look for that.
//!
//! An `Err` counts at any depth of `Result`s. To find it takes a cast, and the compiler takes its
//! time for that. There is none where the tokens show that only the outermost `Result` can be an
//! `Err`.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::quote_spanned;

use crate::jumps::called_macro;
use crate::tokens::{braces, is_punct, is_word, may_have, opened, private};

/// The macros that return nothing but what their input does.
const NEVER_RETURN: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "async_for",
    "async_with",
    "concat",
    "dbg",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "eprint",
    "eprintln",
    "format",
    "format_args",
    "mark_failed",
    "matches",
    "panic",
    "pin",
    "print",
    "println",
    "stringify",
    "todo",
    "unimplemented",
    "unreachable",
    "vec",
    "write",
    "writeln",
];

/// How deep an `Err` may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Depth {
    /// In the outermost `Result`, or nowhere.
    Outermost,
    /// In any one.
    Any,
}

/// How deep an `Err` may be in what a body gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Depths {
    /// In the value at its end.
    pub(crate) value: Depth,
    /// In what it returns from the function around.
    pub(crate) returned: Depth,
}

impl Depths {
    /// Those of a body, of which also `others` are a part: the resources that it enters first.
    pub(crate) fn of(body: &Group, others: impl Iterator<Item = TokenStream>) -> Self {
        let all = others.chain([body.stream()]);
        let has_return = all
            .into_iter()
            .any(|tokens| may_have(&tokens, &["return", "!"]) && may_return(&opened(tokens)));
        Depths {
            value: depth_if(!ends_without_value(&opened(body.stream()))),
            returned: depth_if(has_return),
        }
    }

    /// The deepest: for values of which nothing is known.
    pub(super) const fn any() -> Self {
        Depths {
            value: Depth::Any,
            returned: Depth::Any,
        }
    }
}

fn depth_if(any: bool) -> Depth {
    if any { Depth::Any } else { Depth::Outermost }
}

impl Depth {
    /// A closure that judges whether a value has failed. It stands where the type of the value is
    /// known, and the value need not be.
    pub(super) fn has_failed(self, at: Span) -> TokenStream {
        let judged = self.judged(at);
        quote_spanned!(at=> |__forwith_views| #judged)
    }

    /// Whether the value has failed whose views such a closure has got.
    pub(super) fn judged(self, at: Span) -> TokenStream {
        let private = private(at);
        match self {
            Depth::Outermost => quote_spanned!(at=> #private::is_error(__forwith_views)),
            // Where the type of the value is not known, the cast that never runs is an error, which
            // says so. The other ones would choose a `Result`.
            Depth::Any => quote_spanned! {at=> {
                #[allow(unreachable_code, clippy::diverging_sub_expression)]
                if false {
                    #private::known(__forwith_views, #private::value(__forwith_views) as _)
                } else {
                    #private::has_failed(__forwith_views, __forwith_views as _)
                }
            } },
        }
    }
}

/// Whether a body gives no value that holds another one: it ends with a semicolon, or with `Ok(())`
/// or `Ok::<…>(())`.
fn ends_without_value(body: &[TokenTree]) -> bool {
    let ends_statement = |token| is_punct(Some(token), ';') || braces(Some(token)).is_some();
    let last = body.iter().rposition(ends_statement);
    let last_is_block = last.is_some_and(|last| braces(body.get(last)).is_some());
    match &body[last.map_or(0, |last| last + 1)..] {
        [] => !last_is_block,
        [TokenTree::Ident(name), types @ .., TokenTree::Group(value)] => {
            name == "Ok" && is_unit(value) && (types.is_empty() || is_punct(types.last(), '>'))
        }
        _ => false,
    }
}

/// `(())`
fn is_unit(group: &Group) -> bool {
    let inside: Vec<_> = group.stream().into_iter().collect();
    match &inside[..] {
        [TokenTree::Group(unit)] => {
            [group, unit]
                .iter()
                .all(|group| group.delimiter() == Delimiter::Parenthesis)
                && unit.stream().is_empty()
        }
        _ => false,
    }
}

/// Whether tokens may return a value from the function around other than by `?`, which gives an
/// `Err` that no other `Result` holds. A macro that is not known may return anything.
fn may_return(tokens: &[TokenTree]) -> bool {
    let may_return_at = |at: usize| {
        if let TokenTree::Group(group) = &tokens[at] {
            return may_return(&opened(group.stream()));
        }
        let name = called_macro(&tokens[at..]);
        is_word(tokens.get(at), "return")
            || name.is_some_and(|name| !NEVER_RETURN.iter().any(|known| name == known))
    };
    (0..tokens.len()).any(may_return_at)
}

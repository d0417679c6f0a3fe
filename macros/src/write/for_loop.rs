//! Writes the code of `async_for!`.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use super::concurrent::concurrent_loop;
use crate::call::{ForLoop, YieldEvery};
use crate::jumps;
use crate::tokens::{as_generated, generated_at, is_punct, private};

/// The number of ready items after which a loop yields, unless the user chooses another.
const YIELD_EVERY: u32 = 128;

// from:
//     async_for!('label: for PAT in EXPR { BODY })
// into:
//     match looped::<128, _>(EXPR).items() {
//         mut items => 'label: loop {
//             match loop {
//                 let cx = ThisPoll.await;
//                 if let Poll::Ready(next) = items.poll_next(cx) {
//                     break next;
//                 }
//                 if let Some(given) = items.wait().await {
//                     break given.next();
//                 }
//             } {
//                 Some(item) => { let PAT = item; { BODY } }
//                 None => break,
//             }
//         }
//     }
// and, where the body has a `break value` for this loop, into:
//     'ended: {
//         Some(match … { … None => break 'ended None … })
//     }
// Where all of those are under a `#[cfg(…)]`, the expansion has both, under the same conditions.
//
// What `items` is depends on the type of EXPR. A stream is polled, and `wait` waits for the next
// poll and gives nothing. A source is never ready, and `wait` waits for the item. A `match` with
// both ways would drop what `poll_next` gives behind them, where a source is borrowed anew.
//
// The `match` keeps temporaries of EXPR alive as long as the loop runs, as `for` does. Errors in
// generated code point at EXPR. The locals really begin with `__forwith_`, as in `async_with!`.
pub(crate) fn for_loop(call: &ForLoop) -> TokenStream {
    let at = generated_at(&call.stream);
    let writer = Writer { at, call };
    let private = private(at);
    let break_with_none = quote_spanned!(at=> break 'ended #private::None);
    match value(call) {
        Value::None => writer.loop_with_until(&quote_spanned!(at=> break ())),
        Value::Some => {
            let whole = writer.loop_with_until(&break_with_none);
            let value = if call.options.concurrent.is_some() {
                // Where the jump with the value is half-typed, nothing gives the loop one.
                quote_spanned! {at=>
                    match #whole {
                        #[allow(unreachable_code)]
                        __forwith_value => #private::Some(__forwith_value),
                    }
                }
            } else {
                quote_spanned!(at=> #private::Some(#whole))
            };
            quote_spanned!(at=> 'ended: { #value })
        }
        Value::Under(condition) => {
            let whole = writer.loop_with_until(&quote_spanned! {at=> {
                #[cfg(#condition)]
                #break_with_none;
                #[cfg(not(#condition))]
                break ();
            }});
            quote_spanned! {at=> {
                #[allow(unused_labels, clippy::let_unit_value)]
                let __forwith_value = 'ended: {
                    let __forwith_value = #whole;
                    #[cfg(#condition)]
                    { #private::Some(__forwith_value) }
                    #[cfg(not(#condition))]
                    { __forwith_value }
                };
                __forwith_value
            }}
        }
    }
}

/// Whether a loop has a value.
enum Value {
    None,
    Some,
    /// It has one under this condition: each `break value` for it is under a `#[cfg(…)]`.
    Under(TokenStream),
}

/// Looks for a `break value` for this loop.
fn value(call: &ForLoop) -> Value {
    if call.options.collect.is_some() {
        return Value::None;
    }
    let (mut always, mut conditions) = (false, Vec::new());
    jumps::replace(call.body.stream(), &mut |jump| {
        if jump.value.is_some() && is_own(call, jump.label.as_ref()) {
            match jump.condition() {
                Some(condition) => conditions.push(condition),
                None => always = true,
            }
        }
        TokenStream::new()
    });
    match &conditions[..] {
        _ if always => Value::Some,
        [] => Value::None,
        conditions => Value::Under(quote!(any(#(#conditions),*))),
    }
}

/// Whether a jump out of the body that has this label, or none, is one of this loop.
pub(super) fn is_own(call: &ForLoop, label: Option<&Ident>) -> bool {
    let own = call.label.clone().into_iter().nth(1);
    label.is_none_or(|label| own.is_some_and(|own| *label == own.to_string()))
}

/// Writes the parts that loops of both kinds have.
pub(super) struct Writer<'a> {
    pub(super) at: Span,
    pub(super) call: &'a ForLoop,
}

impl Writer<'_> {
    /// The loop, inside a `match` that holds the future of `#[until(…)]`, if there is one.
    fn loop_with_until(&self, at_end: &TokenStream) -> TokenStream {
        let plain = match &self.call.options.concurrent {
            Some(limit) => concurrent_loop(self, limit, at_end),
            None => self.plain_loop(at_end),
        };
        let Some(until) = &self.call.options.until else {
            return plain;
        };
        let at = generated_at(until);
        let private = private(at);
        quote_spanned! {at=>
            match #private::until(#until) {
                mut __forwith_until => #plain
            }
        }
    }

    /// The loop itself.
    fn plain_loop(&self, at_end: &TokenStream) -> TokenStream {
        let Writer { at, call } = self;
        let private = private(*at);
        let ForLoop {
            label,
            pattern,
            stream,
            body,
            ..
        } = call;
        let (every, next) = (self.yield_every(), self.next_item());
        let pattern = let_pattern(pattern);
        let body = as_generated(body, body.stream());
        quote_spanned! {*at=>
            {
                #[allow(unused_imports)]
                use #private::SourceLoop as _;
                #[allow(unused_imports)]
                use #private::StreamOrSource as _;
                match #private::looped::<#every, _>(#stream).__forwith_items() {
                    mut __forwith_items => #label loop {
                        match #next {
                            #private::Some(__forwith_item) => {
                                #[allow(clippy::no_effect_underscore_binding)]
                                let #pattern = __forwith_item;
                                #body
                            }
                            #private::None => #at_end,
                        }
                    }
                }
            }
        }
    }

    /// The number of ready items after which the loop yields.
    pub(super) fn yield_every(&self) -> TokenStream {
        let private = private(self.at);
        match &self.call.options.yield_every {
            None => quote!(#YIELD_EVERY),
            Some(YieldEvery::Items(number)) => quote!({ #number }),
            Some(YieldEvery::Never) => quote!({ #private::NEVER }),
        }
    }

    /// Polls for the next item, after the future of `#[until(…)]`, and waits for it.
    fn next_item(&self) -> TokenStream {
        let Writer { at, call } = self;
        let private = private(*at);
        let (end, wait) = match &call.options.until {
            None => (
                TokenStream::new(),
                quote_spanned!(*at=> __forwith_items.__forwith_wait()),
            ),
            Some(until) => self.ends_with(until),
        };
        // SAFETY (of the generated block): `items` is a local of the enclosing future, which is
        // pinned while it is polled. Users cannot name it, so it is not moved before it is dropped.
        // `cx` comes from the current poll: there is no `.await` in between.
        quote_spanned! {*at=>
            loop {
                let __forwith_cx = #private::ThisPoll.await;
                #end
                if let #private::Poll::Ready(__forwith_next) =
                    unsafe { __forwith_items.__forwith_poll_next(__forwith_cx) }
                {
                    break __forwith_next;
                }
                if let #private::Some(__forwith_given) = #wait.await {
                    break __forwith_given.__forwith_next();
                }
            }
        }
    }

    /// Polls the future of `#[until(…)]`; and waits for an item beside it.
    fn ends_with(&self, until: &TokenStream) -> (TokenStream, TokenStream) {
        let at = generated_at(until);
        let private = private(at);
        // SAFETY (of the generated blocks): as in `next_item`, for `until` instead of `items`.
        let pinned = quote_spanned!(at=> #private::Pin::new_unchecked(&mut __forwith_until));
        let end = quote_spanned! {at=>
            if #private::Poll::is_ready(
                &unsafe { #private::Until::poll_end(#pinned, __forwith_cx) }
            ) {
                break #private::None;
            }
        };
        let wait = quote_spanned! {self.at=>
            __forwith_items.__forwith_wait_until(unsafe { #pinned })
        };
        (end, wait)
    }
}

/// The pattern as `let` accepts it: with parentheses around alternatives.
pub(super) fn let_pattern(pattern: &TokenStream) -> TokenStream {
    if has_alternatives(pattern) {
        quote_spanned!(generated_at(pattern)=> (#pattern))
    } else {
        pattern.clone()
    }
}

/// Whether the pattern consists of alternatives, also as a `$pattern:pat` of `macro_rules!`.
fn has_alternatives(pattern: &TokenStream) -> bool {
    pattern.clone().into_iter().any(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            has_alternatives(&group.stream())
        }
        token => is_punct(Some(&token), '|'),
    })
}

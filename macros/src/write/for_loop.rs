//! Writes the code of `async_for!`.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use crate::call::{ForLoop, YieldEvery};
use crate::jumps;
use crate::tokens::{as_generated, generated_at, is_punct, private};

/// The number of ready items after which a loop yields, unless the user chooses another.
const YIELD_EVERY: u32 = 128;

// from:
//     async_for!('label: for PAT in EXPR { BODY })
// into:
//     match items::<128>(EXPR) {
//         mut items => 'label: loop {
//             match loop {
//                 let cx = ThisPoll.await;
//                 match items.poll_next(cx) {
//                     Poll::Ready(next) => break next,
//                     Poll::Pending => NextPoll::new().await,
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
            quote_spanned!(at=> 'ended: { #private::Some(#whole) })
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
    let own_label = call
        .label
        .clone()
        .into_iter()
        .nth(1)
        .map(|name| name.to_string());
    let (mut always, mut conditions) = (false, Vec::new());
    jumps::replace(call.body.stream(), &mut |jump| {
        let is_own = |label: &Ident| Some(label.to_string()) == own_label;
        if jump.value.is_some() && jump.label.as_ref().is_none_or(is_own) {
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

struct Writer<'a> {
    at: Span,
    call: &'a ForLoop,
}

impl Writer<'_> {
    /// The loop, inside a `match` that holds the future of `#[until(…)]`, if there is one.
    fn loop_with_until(&self, at_end: &TokenStream) -> TokenStream {
        let plain = self.plain_loop(at_end);
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
            match #private::items::<#every, _, _>(#stream) {
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

    /// The number of ready items after which the loop yields.
    fn yield_every(&self) -> TokenStream {
        let private = private(self.at);
        match &self.call.options.yield_every {
            None => quote!(#YIELD_EVERY),
            Some(YieldEvery::Items(number)) => quote!({ #number }),
            Some(YieldEvery::Never) => quote!({ #private::NEVER }),
        }
    }

    /// Polls for the next item, after the future of `#[until(…)]`.
    fn next_item(&self) -> TokenStream {
        let Writer { at, call } = self;
        let private = private(*at);
        let end = call.options.until.as_ref().map(|until| {
            let at = generated_at(until);
            // SAFETY (of the generated block): see below, for `until` instead of `items`.
            quote_spanned! {at=>
                if #private::Poll::is_ready(
                    &unsafe { #private::Until::poll_end(&mut __forwith_until, __forwith_cx) }
                ) {
                    break #private::None;
                }
            }
        });
        // SAFETY (of the generated block): `items` is a local of the enclosing future, which is
        // pinned while it is polled. Users cannot name it, so it is not moved before it is dropped.
        // `cx` comes from the current poll: there is no `.await` in between.
        quote_spanned! {*at=>
            loop {
                let __forwith_cx = #private::ThisPoll.await;
                #end
                match unsafe { #private::Items::poll_next(&mut __forwith_items, __forwith_cx) } {
                    #private::Poll::Ready(__forwith_next) => break __forwith_next,
                    #private::Poll::Pending => #private::NextPoll::new().await,
                }
            }
        }
    }
}

/// The pattern as `let` accepts it: with parentheses around alternatives.
fn let_pattern(pattern: &TokenStream) -> TokenStream {
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

//! Writes the code of `async_for!`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::call::{ForLoop, YieldEvery};
use crate::jumps::{self, Jump};
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
//
// The `match` keeps temporaries of EXPR alive as long as the loop runs, as `for` does. Errors in
// generated code point at EXPR. The locals really begin with `__forwith_`, as in `async_with!`.
pub(crate) fn for_loop(call: &ForLoop) -> TokenStream {
    let at = generated_at(&call.stream);
    let writer = Writer { at, call };
    if breaks_with_value(call) {
        let private = private(at);
        let whole = writer.loop_with_until(&quote_spanned!(at=> break 'ended #private::None));
        quote_spanned!(at=> 'ended: { #private::Some(#whole) })
    } else {
        writer.loop_with_until(&quote_spanned!(at=> break ()))
    }
}

/// Whether the body has a `break value` for this loop, which gives the loop a value.
fn breaks_with_value(call: &ForLoop) -> bool {
    let own_label = call
        .label
        .clone()
        .into_iter()
        .nth(1)
        .map(|name| name.to_string());
    let mut found = false;
    jumps::replace(call.body.stream(), &mut |Jump { label, value, .. }| {
        let is_own = label.is_none_or(|label| Some(label.to_string()) == own_label);
        found |= is_own && value.is_some();
        TokenStream::new()
    });
    found
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
    if pattern
        .clone()
        .into_iter()
        .any(|token| is_punct(Some(&token), '|'))
    {
        quote_spanned!(generated_at(pattern)=> (#pattern))
    } else {
        pattern.clone()
    }
}

//! Writes the loop.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use super::parse::{Every, Loop, Options};
use crate::jumps::{self, Jump};
use crate::tokens::{as_generated, is_punct};

/// After how many ready items the others have their turn, unless the user says otherwise.
const YIELD_EVERY: u32 = 128;

// from:
//     async_for!('label: for PAT in EXPR { BODY })
// into:
//     match Items::<_, 128>::new(EXPR.into_stream()) {
//         mut items => 'label: loop {
//             match poll_fn(|cx| items.poll_next(cx)).await {
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
// The `match` keeps temporaries of EXPR alive as long as the loop runs, as `for` does.
pub(super) fn expand(private: &TokenStream, parsed: Loop) -> TokenStream {
    let has_value = breaks_with_value(&parsed);
    let Loop {
        options,
        label,
        pattern,
        stream,
        body,
    } = parsed;
    let body = as_generated(&body, body.stream());
    let generated = Span::mixed_site();
    let pattern = in_a_let(pattern);
    let every = every(&options);
    let next = next(private, options.until.is_some());
    let at_end = if has_value {
        quote_spanned!(generated=> break 'ended #private::None)
    } else {
        quote_spanned!(generated=> break)
    };
    let looped = quote_spanned! {generated=>
        match #private::Items::<_, #every>::new(#private::IntoStream::into_stream(#stream)) {
            mut items => #label loop {
                match #next {
                    #private::Some(item) => { let #pattern = item; #body }
                    #private::None => #at_end,
                }
            }
        }
    };
    let looped = until(private, options.until, looped);
    if has_value {
        quote_spanned!(generated=> 'ended: { #private::Some(#looped) })
    } else {
        looped
    }
}

/// The pattern as a `let` takes it: alternatives need parentheses there.
fn in_a_let(pattern: TokenStream) -> TokenStream {
    if pattern
        .clone()
        .into_iter()
        .any(|token| is_punct(Some(&token), '|'))
    {
        quote_spanned!(Span::mixed_site()=> (#pattern))
    } else {
        pattern
    }
}

/// Whether the body has a `break value` for this loop, which gives the loop a value.
fn breaks_with_value(parsed: &Loop) -> bool {
    let own_label = parsed
        .label
        .clone()
        .into_iter()
        .nth(1)
        .map(|name| name.to_string());
    let mut found = false;
    jumps::replace(
        parsed.body.stream(),
        &mut |Jump { label, value, .. }| {
            let is_own = label.is_none_or(|label| Some(label.to_string()) == own_label);
            found |= is_own && value.is_some();
            TokenStream::new()
        },
    );
    found
}

fn every(options: &Options) -> TokenStream {
    match &options.yield_every {
        None => quote!(#YIELD_EVERY),
        Some(Every::Items(number)) => quote!({ #number }),
        Some(Every::Never) => quote!(0),
    }
}

/// Asks for the next item, unless the loop is to end.
fn next(private: &TokenStream, has_until: bool) -> TokenStream {
    let generated = Span::mixed_site();
    let end = has_until.then(|| {
        quote_spanned! {generated=>
            // SAFETY: as below.
            if unsafe { until.has_come(cx) } {
                return #private::Poll::Ready(#private::None);
            }
        }
    });
    // SAFETY of what is written here: `items` is a local of the enclosing future, which is pinned while
    // it is polled. No user can name it, so nothing can move it before it is dropped in its place.
    quote_spanned! {generated=>
        #private::poll_fn(|cx| {
            #end
            unsafe { items.poll_next(cx) }
        }).await
    }
}

/// Holds the future that ends the loop.
fn until(private: &TokenStream, until: Option<TokenStream>, looped: TokenStream) -> TokenStream {
    let Some(until) = until else { return looped };
    quote_spanned! {Span::mixed_site()=>
        match #private::Until::new(#private::IntoFuture::into_future(#until)) {
            mut until => #looped
        }
    }
}

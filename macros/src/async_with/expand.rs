//! Writes the scope.

use proc_macro2::{Group, Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use super::exits::Exits;
use super::parse::{Item, With};
use crate::tokens::as_generated;

pub(super) fn expand(private: &TokenStream, parsed: With) -> TokenStream {
    scopes(private, parsed.items, &parsed.body, 0)
}

/// The scope of the first item; its body is the scope of the second, and so on.
fn scopes(private: &TokenStream, mut items: Vec<Item>, body: &Group, level: usize) -> TokenStream {
    let item = items.remove(0);
    let mut exits = Exits::new(private, level);
    for later in &mut items {
        later.resource = exits.replace_jumps(later.resource.clone());
    }
    let body = as_generated(body, exits.replace_jumps(body.stream()));
    let value = quote_spanned!(Span::mixed_site()=> #private::taken(value));
    let (body, value) = if items.is_empty() {
        (
            body.into_token_stream(),
            quote_spanned!(Span::mixed_site()=> #private::Ok(#value)),
        )
    } else {
        // The value of the inner scope is a `Result` already.
        (scopes(private, items, &body, level + 1), value)
    };
    scope(private, &item, &body, &exits, &value)
}

// from:
//     async_with!(EXPR as PAT, { BODY })
// into:
//     {
//         let entered = hold(EXPR.enter().await);
//         let mut value = None;
//         let way = 'entered: {
//             let mut held = match #private::moved(entered) {
//                 Ok(held) => held,
//                 Err(error) => break 'entered Err(error),
//             };
//             let leaving = Leaving::new();
//             let end = {
//                 let PAT = held.resource();
//                 let body = pin!(Some(async {
//                     leave('scope: { carry(0, { BODY }, &mut value) }, &leaving).await
//                 }));
//                 Body::new(&leaving, body).await
//             };
//             let (resource, kind) = held.release();
//             let exit = Caught(pin!(resource.exit(end.outcome()))).await;
//             kind.settle(end, exit)
//         };
//         match way {
//             Err(error) => Err(error),
//             Ok(Way::Return(value)) => return value,
//             Ok(Way::Jump(0)) => Ok(value.unwrap()),
//             Ok(Way::Jump(1)) => break 'label,
//             …
//         }
//     }
// where `break 'label` in BODY has become `break 'scope Ok(1)`.
//
// The body's output is the enclosing function's, so that `return` and `?` in it need no rewriting. The
// two `if false` tell that type early, so that what is returned coerces to it. Temporaries of EXPR
// are gone when the body begins: a lock that was taken to get the resource is not held meanwhile.
// What is moved as a whole (`{ entered }`), and values that come before references in a call, keep
// the future small.
fn scope(
    private: &TokenStream,
    item: &Item,
    body: &TokenStream,
    exits: &Exits<'_>,
    value: &TokenStream,
) -> TokenStream {
    let Item { resource, pattern } = item;
    let (label, stored, arms) = (
        exits.label(Span::mixed_site()),
        exits.stored(),
        exits.arms(),
    );
    let bind = pattern
        .as_ref()
        .map(|pattern| quote_spanned!(Span::mixed_site()=> let #pattern = held.resource();));
    quote_spanned! {Span::mixed_site()=> {
        let entered = #private::hold(#private::AsyncEnter::enter(#resource).await);
        let (outer, inner) = #private::Returns::pair();
        if false {
            return outer.value();
        }
        let mut value = #private::None;
        #(let mut #stored = #private::None;)*
        let way = 'entered: {
            let mut held = match #private::moved(entered) {
                #private::Ok(held) => held,
                #private::Err(error) => break 'entered #private::Err(error),
            };
            let leaving = #private::Leaving::new();
            let end = #private::moved({
                #bind
                let body = #private::pin!(#private::Some(async {
                    if false {
                        return inner.value();
                    }
                    let departed = #label: {
                        let end = match () { () => #body };
                        #[allow(unreachable_code)]
                        let departed = #private::carry(0, end, &mut value);
                        departed
                    };
                    match #private::leave(departed, &leaving).await {}
                }));
                #private::Body::new(&leaving, body).await
            });
            let (resource, kind) = held.release();
            let exit = #private::moved({
                let exit = #private::pin!(#private::AsyncExit::exit(resource, end.outcome()));
                #private::Caught(exit).await
            });
            kind.settle(end, exit)
        };
        match way {
            #private::Err(error) => #private::Err(error),
            #private::Ok(#private::Way::Return(value)) => return value,
            #private::Ok(#private::Way::Jump(0)) => #value,
            #arms
            #private::Ok(#private::Way::Jump(_)) => #private::unreachable!(),
        }
    } }
}

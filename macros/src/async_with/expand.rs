//! Writes the scope.

use proc_macro2::{Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use super::exits::Exits;
use super::parse::{Item, With};
use crate::tokens::{as_generated, generated_at, private};

pub(super) fn expand(parsed: With) -> TokenStream {
    scopes(parsed.items, &parsed.body, 0)
}

/// The scope of the first item; its body is the scope of the second, and so on.
fn scopes(mut items: Vec<Item>, body: &Group, level: usize) -> TokenStream {
    let item = items.remove(0);
    let mut exits = Exits::new(generated_at(&item.resource), level);
    for later in &mut items {
        later.resource = exits.replace_jumps(later.resource.clone());
    }
    let body = as_generated(body, exits.replace_jumps(body.stream()));
    let Some(second) = items.first() else {
        let end = End::of_body(&body);
        return scope(&item, &body.into_token_stream(), &exits, &end);
    };
    let end = End::of_scope(second);
    scope(&item, &scopes(items, &body, level + 1), &exits, &end)
}

/// What happens at the end of a scope's body.
struct End {
    /// The function that stores its value.
    carry: Ident,
    /// The value of the scope, made from it.
    value: TokenStream,
}

impl End {
    /// An error about the type of the value shows where the value stands, at the end of the body.
    fn of_body(body: &Group) -> Self {
        let last = body.stream().into_iter().last();
        let at = last.map_or_else(|| body.span(), |last| last.span());
        let at = Span::mixed_site().located_at(at);
        let private = private(at);
        End {
            carry: Ident::new("carry", at),
            value: quote_spanned!(at=> #private::Ok(value.unwrap())),
        }
    }

    /// The value of an inner scope is a `Result` already. One about its error shows on the inner
    /// resource.
    fn of_scope(item: &Item) -> Self {
        let at = generated_at(&item.resource);
        let private = private(at);
        let value = quote_spanned! {at=>
            match value.unwrap() {
                #private::Ok(value) => #private::Ok(value),
                #private::Err(inner) => #private::Err(#private::same_error(inner, error)),
            }
        };
        End {
            carry: Ident::new("carry_scope", at),
            value,
        }
    }
}

// from:
//     async_with!(EXPR as PAT, { BODY })
// into:
//     {
//         Checkpoint.await;
//         let entered = match EXPR {
//             resource => {
//                 let enter = enterable(resource).enter();
//                 let trace = Trace::of_enter(&enter);
//                 hold(trace.follow(enter).await, &trace)
//             }
//         };
//         let mut value = None;
//         let way = 'entered: {
//             let mut held = match moved(entered) {
//                 Ok(held) => held,
//                 Err(error) => break 'entered Err(error),
//             };
//             let mut stay = held.stay();
//             let mut member = stay.member();
//             let mut end = {
//                 let PAT = held.resource();
//                 let code = async {
//                     leave('scope: { carry(0, { BODY }, &mut value) }, &stay).await
//                 };
//                 let running = Some(Running { code, stay: &stay });
//                 Drive(pin!(Body { running, member: &mut member })).await
//             };
//             let resource = held.release();
//             let exit = begin(|| resource.exit(stay.outcome(&end)));
//             let exit = Exiting { exit, stay: &mut stay, member: &mut member }.await;
//             stay.settle(&mut end, member, exit)
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
// What is `moved` as a whole, and values that come before references in a call, keep the future small.
// What is generated stands where EXPR stands, as far as errors are concerned: the compiler reports but
// one of several alike in one place.
fn scope(item: &Item, body: &TokenStream, exits: &Exits, end: &End) -> TokenStream {
    let End { carry, value } = end;
    let Item { resource, pattern } = item;
    let at = &exits.at;
    let private = private(*at);
    let (label, stored, arms) = (exits.label(*at), exits.stored(), exits.arms());
    let bind = pattern
        .as_ref()
        .map(|pattern| quote_spanned!(*at=> let #pattern = #private::Held::resource(&mut held);));
    quote_spanned! {*at=> {
        #private::Checkpoint.await;
        let entered = match #resource {
            resource => {
                let enter = #private::AsyncEnter::enter(#private::enterable(resource));
                let trace = #private::Trace::of_enter(&enter);
                #private::hold(#private::Trace::follow(&trace, enter).await, &trace)
            }
        };
        let (outer, inner) = #private::Returns::pair();
        #[allow(unreachable_code, clippy::diverging_sub_expression)]
        if false {
            return #private::Returns::value(outer);
        }
        let mut value = #private::None;
        #(let mut #stored = #private::None;)*
        let way = 'entered: {
            let mut held = match #private::moved(entered) {
                #private::Ok(held) => held,
                #private::Err(error) => break 'entered #private::Err(error),
            };
            let mut stay = #private::Held::stay(&held);
            let mut member = #private::Stay::member(&stay);
            let mut end = #private::moved({
                #bind
                let running = #private::Some(#private::Running {
                    code: async {
                        #[allow(unreachable_code, clippy::diverging_sub_expression)]
                        if false {
                            return #private::Returns::value(inner);
                        }
                        let departed = #label: {
                            let end = match () { () => #body };
                            #[allow(unreachable_code)]
                            let departed = #private::#carry(0, end, &mut value);
                            departed
                        };
                        match #private::leave(departed, &stay).await {}
                    },
                    stay: &stay,
                });
                let body = #private::pin!(#private::Body { running, member: &mut member });
                #private::Drive(body).await
            });
            let resource = #private::Held::release(held);
            let exit = #private::begin(|| {
                #private::AsyncExit::exit(resource, #private::Stay::outcome(&mut stay, &end))
            });
            let exit = #private::Exiting { exit, stay: &mut stay, member: &mut member }.await;
            #private::Stay::settle(&mut stay, &mut end, member, exit)
        };
        let error = #private::error_of(&way);
        match way {
            #private::Err(error) => #private::Err(error),
            #private::Ok(#private::Way::Return(value)) => return value,
            #private::Ok(#private::Way::Jump(0)) => #value,
            #arms
            #private::Ok(#private::Way::Jump(_)) => #private::unreachable!(),
        }
    } }
}

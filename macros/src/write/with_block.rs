//! Writes the code of `async_with!`.

use proc_macro2::{Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use super::escapes::Escapes;
use crate::call::{Binding, WithBlock};
use crate::tokens::{as_generated, generated_at, private};

pub(crate) fn with_block(call: WithBlock) -> TokenStream {
    blocks(call.bindings, &call.body, 0)
}

/// The block of the first resource; its body is the block of the second, and so on.
fn blocks(mut bindings: Vec<Binding>, body: &Group, level: usize) -> TokenStream {
    let binding = bindings.remove(0);
    let mut escapes = Escapes::new(generated_at(&binding.resource), level);
    for later in &mut bindings {
        later.resource = escapes.replace_jumps(later.resource.clone());
    }
    let body = as_generated(body, escapes.replace_jumps(body.stream()));
    let Some(second) = bindings.first() else {
        let end = BodyEnd::with_value(&body);
        return block(&binding, &body.into_token_stream(), &escapes, &end);
    };
    let end = BodyEnd::with_result(second);
    let inner = blocks(bindings, &body, level + 1);
    block(&binding, &inner, &escapes, &end)
}

/// The code at the end of a body.
struct BodyEnd {
    /// The function that stores the body's value.
    carry: Ident,
    /// The value of the whole block, made from the stored one.
    value: TokenStream,
}

impl BodyEnd {
    /// The end of a body that gives a value. Errors about its type point at the end of the body.
    fn with_value(body: &Group) -> Self {
        let last = body.stream().into_iter().last();
        let at = last.map_or_else(|| body.span(), |last| last.span());
        let at = Span::mixed_site().located_at(at);
        let private = private(at);
        BodyEnd {
            carry: Ident::new("carry", at),
            value: quote_spanned!(at=> #private::Ok(value.unwrap())),
        }
    }

    /// The end of a body that is the block of an inner resource, whose value is a `Result`. Errors
    /// about its error type point at the inner resource.
    fn with_result(inner: &Binding) -> Self {
        let at = generated_at(&inner.resource);
        let private = private(at);
        let value = quote_spanned! {at=>
            match value.unwrap() {
                #private::Ok(value) => #private::Ok(value),
                #private::Err(inner) => #private::Err(#private::same_error(inner, error)),
            }
        };
        BodyEnd {
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
//                 let (entered, entering) = {
//                     let entering = Entering::begin();
//                     let enter = enterable(resource).enter();
//                     (entering.follow(enter).await, entering)
//                 };
//                 hold(entered, entering)
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
// - The body's future has the output of the enclosing function, so `return` and `?` in it need no
//   rewriting. The two `if false` fix that type early, so that returned values coerce to it.
// - Temporaries of EXPR are dropped before the body begins: a lock that was taken to get the
//   resource is not held during the body.
// - Moving values as a whole (`moved`) and passing values before references keep the future small.
// - Errors in generated code point at EXPR: the compiler reports equal errors in one place once.
fn block(binding: &Binding, body: &TokenStream, escapes: &Escapes, end: &BodyEnd) -> TokenStream {
    let BodyEnd { carry, value } = end;
    let Binding { resource, pattern } = binding;
    let at = &escapes.at;
    let private = private(*at);
    let (label, stored, arms) = (escapes.label(*at), escapes.stored(), escapes.arms());
    let bind = pattern
        .as_ref()
        .map(|pattern| quote_spanned!(*at=> let #pattern = #private::Held::resource(&mut held);));
    quote_spanned! {*at=> {
        #private::Checkpoint.await;
        let entered = match #resource {
            resource => {
                let (entered, entering) = {
                    let entering = #private::Entering::begin();
                    let enter = #private::AsyncEnter::enter(#private::enterable(resource));
                    (#private::Entering::follow(&entering, enter).await, entering)
                };
                #private::hold(entered, entering)
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

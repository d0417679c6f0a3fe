//! Writes the code of `async_with!`.

use proc_macro2::{Group, Ident, TokenStream};
use quote::{ToTokens, quote_spanned};

use super::capture::capture;
use super::depth::{Depth, Depths};
use super::escapes::Escapes;
use super::marked::Marked;
use crate::call::{Binding, WithBlock};
use crate::tokens::{as_generated, generated_at, generated_at_end, private};

pub(crate) fn with_block(call: WithBlock) -> TokenStream {
    let later = call.bindings.iter().skip(1);
    let depths = Depths::of(&call.body, later.map(|binding| binding.resource.clone()));
    match Marked::find(&call.body) {
        Some((body, marked)) => blocks(call.bindings, &body, 0, Some(&marked), depths),
        None => blocks(call.bindings, &call.body, 0, None, depths),
    }
}

/// The block of the first resource; its body is the block of the second, and so on.
fn blocks(
    mut bindings: Vec<Binding>,
    body: &Group,
    level: usize,
    marked: Option<&Marked>,
    depths: Depths,
) -> TokenStream {
    let binding = bindings.remove(0);
    let mut escapes = Escapes::new(generated_at(&binding.resource), level, marked, depths);
    for later in &mut bindings {
        later.resource = escapes.replace_jumps(later.resource.clone());
    }
    let body = as_generated(body, escapes.replace_jumps(body.stream()));
    let Some(second) = bindings.first() else {
        let end = BodyEnd::with_value(&body, &escapes);
        return block(&binding, &body.into_token_stream(), &escapes, &end);
    };
    let end = BodyEnd::with_result(second, &escapes);
    let inner = blocks(bindings, &body, level + 1, marked, depths);
    block(&binding, &inner, &escapes, &end)
}

/// The code at the end of a body.
struct BodyEnd {
    /// The function that stores the body's value.
    carry_end: Ident,
    /// The type of the outer resource's error, where that of an inner one is to be the same.
    error: Option<TokenStream>,
    /// The value of the whole block, made from the stored one.
    value: TokenStream,
}

impl BodyEnd {
    /// The end of a body that gives a value. Errors about its type point at the end of the body.
    fn with_value(body: &Group, escapes: &Escapes) -> Self {
        let at = generated_at_end(body);
        let (private, carried) = (private(at), escapes.carried(at));
        BodyEnd {
            carry_end: Ident::new("carry_end", at),
            error: None,
            value: quote_spanned!(at=> #private::Ok(#private::Stored::take(#carried))),
        }
    }

    /// The end of a body that is the block of an inner resource, whose value is a `Result`. Errors
    /// about its error type point at the inner resource.
    fn with_result(inner: &Binding, escapes: &Escapes) -> Self {
        let at = generated_at(&inner.resource);
        let (private, carried) = (private(at), escapes.carried(at));
        let value = quote_spanned! {at=>
            match #private::Stored::take(#carried) {
                #private::Ok(__forwith_value) => #private::Ok(__forwith_value),
                #private::Err(__forwith_inner) => {
                    #private::Err(#private::same_error(__forwith_error, __forwith_inner))
                }
            }
        };
        BodyEnd {
            carry_end: Ident::new("carry_end", at),
            error: Some(quote_spanned! {escapes.at=>
                let __forwith_error = #private::error_of(&__forwith_way);
            }),
            value,
        }
    }
}

// from:
//     async_with!(EXPR as PAT, { BODY })
// into:
//     {
//         Checkpoint.await;
//         let mut value = None;
//         let entered = match (EXPR) {
//             resource => enter(resource, AsyncEnter::enter).await,
//         };
//         let way = 'entered: {
//             let mut held = match moved(entered) {
//                 Ok(held) => held,
//                 Err(error) => break 'entered Err(error),
//             };
//             let mut stay = held.stay();
//             let mut member = held.member();
//             let mut end = {
//                 let PAT = held.resource().bind();
//                 let code = async {
//                     if false {
//                         return unreached();
//                     }
//                     if false {
//                         let _ = &mut *PAT; // so that the body borrows it as `&mut`
//                     }
//                     let departed = 'scope: {
//                         let end = { BODY };
//                         let views = &views(&end);
//                         carry_end(end, Some, &mut value, HAS_FAILED)
//                     };
//                     leave(departed, &stay).await
//                 };
//                 let code = Code::Runs { code, stay: &stay };
//                 let body = pin!(Body { code, member: &mut member });
//                 drive(body, |views| HAS_FAILED).await
//             };
//             let exit = begin_exit(held, &mut stay, &mut end, &mut member, AsyncExit::exit).await;
//             stay.settle(end, member, exit)
//         };
//         match way {
//             Err(error) => failed(error),
//             Ok(Way::Return(value)) => return value,
//             Ok(Way::Jump(1)) => break 'label,
//             …
//             Ok(Way::Jump(_)) => Ok(Stored::take(value)),
//         }
//     }
// where `break 'label` in BODY has become `break 'scope Ok(1)`.
// HAS_FAILED is `has_failed(views, views as _)`. Where the tokens show that only the outermost
// `Result` can be an `Err`, it is `is_error(views)`. Where that is so for what BODY returns,
// `Drive { body, judge: Outermost }` is in place of `drive(…)`.
// Where BODY has jumps with values, `value` is a `Carried`, one place for all of them and for the
// value of BODY: `break 'label 3` has become `break 'scope carry(1, 3, Carried::A, &mut value)`.
//
// Where BODY has calls of `mark_failed!`, there is a local `marked`, a reference to a `Mark`. The
// body then ends with `leave(marked.judge(departed), &stay)`, and the closure for `drive` asks
// `marked.is_set()`, too. In a body that has a mark, `marked.hand_on(outer)` comes before `return
// value` and before each jump out of that body.
//
// - Each local really begins with `__forwith_`: a plain `end` in a pattern would mean the user's
//   `static end`, because hygiene is for locals only.
// - The body's future has the output of the enclosing function, so `return` and `?` in it need no
//   rewriting. Where BODY may have a `return`, an `if false` before it and one in it fix that type
//   early, so that returned values coerce to it.
// - In a release build the body is inlined before it is optimised, as `src/expand/mod.rs` tells.
//   The attribute may stand at the end of a block, but not before the value of a field.
// - EXPR is no argument: the compiler would complain about it twice, at its first token and as a
//   whole. The parentheses around it let it be a struct literal.
// - Temporaries of EXPR are dropped before the body begins: a lock that was taken to get the
//   resource is not held during the body.
// - Moving values as a whole (`moved`) and passing values before references keep the future small.
// - Errors in generated code point at EXPR: the compiler reports equal errors in one place once.
fn block(binding: &Binding, body: &TokenStream, escapes: &Escapes, end: &BodyEnd) -> TokenStream {
    let BodyEnd {
        carry_end,
        error,
        value,
    } = end;
    let at = &escapes.at;
    let (private, resource) = (private(*at), &binding.resource);
    let (label, declare, arms) = (escapes.label(*at), escapes.declare(), escapes.arms());
    let (make, carried) = (escapes.make(*at), escapes.carried(*at));
    let (judge, drive) = (escapes.judge(), escapes.drive());
    let (has_failed, give_back) = (escapes.depths.value.judged(*at), escapes.give_back());
    let (returns_outside, returns_inside) = returns(escapes);
    let pattern = binding.pattern.as_ref();
    let bind = pattern.map(|pattern| {
        quote_spanned! {*at=>
            use #private::Bind as _;
            let #pattern = #private::Held::resource(&mut __forwith_held).bind();
        }
    });
    let capture = pattern
        .as_ref()
        .and_then(|pattern| capture(pattern, body, *at));
    quote_spanned! {*at=> {
        #private::Checkpoint.await;
        #returns_outside
        #declare
        let __forwith_entered = match (#resource) {
            __forwith_resource => {
                #private::enter(__forwith_resource, #private::AsyncEnter::enter).await
            }
        };
        let __forwith_way = 'entered: {
            let mut __forwith_held = match #private::moved(__forwith_entered) {
                #private::Ok(__forwith_held) => __forwith_held,
                #private::Err(__forwith_error) => break 'entered #private::Err(__forwith_error),
            };
            let mut __forwith_stay = #private::Held::stay(&__forwith_held);
            let mut __forwith_member = #private::Held::member(&__forwith_held);
            let mut __forwith_end = #private::moved({
                #bind
                let __forwith_code = #private::Code::Runs {
                    code: {
                        #[cfg_attr(not(debug_assertions), inline(always))]
                        async {
                            #returns_inside
                            #capture
                            let __forwith_departed = #label: {
                                let __forwith_end = match () { () => #body };
                                #[allow(unreachable_code)]
                                let __forwith_departed = {
                                    let __forwith_views = &#private::views(&__forwith_end);
                                    let __forwith_failed = #has_failed;
                                    #private::#carry_end(
                                        __forwith_end,
                                        #make,
                                        &mut #carried,
                                        __forwith_failed,
                                    )
                                };
                                __forwith_departed
                            };
                            match #private::leave(#judge, &__forwith_stay).await {}
                        }
                    },
                    stay: &__forwith_stay,
                };
                let __forwith_body = #private::pin!(#private::Body {
                    code: __forwith_code,
                    member: &mut __forwith_member,
                });
                #drive.await
            });
            let __forwith_exit = #private::begin_exit(
                __forwith_held,
                &mut __forwith_stay,
                &mut __forwith_end,
                &mut __forwith_member,
                #private::AsyncExit::exit,
            )
            .await;
            #private::Stay::settle(
                &mut __forwith_stay,
                __forwith_end,
                __forwith_member,
                __forwith_exit,
            )
        };
        #error
        match __forwith_way {
            #private::Err(__forwith_error) => #private::failed(__forwith_error),
            #private::Ok(#private::Way::Return(__forwith_value)) => #give_back,
            #arms
            #private::Ok(#private::Way::Jump(_)) => #value,
        }
    } }
}

/// Code before the body and at its start, which tells the compiler what the enclosing function
/// returns: values that the body returns coerce to it. A `?` needs no such code.
///
/// A body that returns nothing has a `return` that is never reached. Without one, the poll of a
/// body that cannot end takes an instruction more.
fn returns(escapes: &Escapes) -> (Option<TokenStream>, TokenStream) {
    let (at, private) = (escapes.at, private(escapes.at));
    let unreached = |value: TokenStream| {
        quote_spanned! {at=>
            #[allow(unreachable_code, clippy::diverging_sub_expression)]
            if false {
                return #value;
            }
        }
    };
    if escapes.depths.returned == Depth::Outermost {
        return (None, unreached(quote_spanned!(at=> #private::unreached())));
    }
    let value_of = |local| quote_spanned!(at=> #private::Returns::value(#local));
    let outside = unreached(value_of(quote_spanned!(at=> __forwith_outer)));
    let outside = quote_spanned! {at=>
        let (__forwith_outer, __forwith_inner) = #private::Returns::pair();
        #outside
    };
    let inside = unreached(value_of(quote_spanned!(at=> __forwith_inner)));
    (Some(outside), inside)
}

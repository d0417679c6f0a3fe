//! Writes the code of a loop whose bodies run at once.

use proc_macro2::{Group, Ident, Punct, Spacing, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::escapes::Escapes;
use super::for_loop::{Writer, is_own, let_pattern};
use crate::call::Concurrent;
use crate::jumps;
use crate::tokens::{as_generated, generated_at, generated_at_end, is_punct, private};

// from:
//     async_for!(#[concurrent(n)] for PAT in EXPR { BODY })
// into:
//     {
//         let ways = Ways::new();
//         match limit(n) {
//             limit => match looped::<128, _>(EXPR).items() {
//                 items => {
//                     let mut items @ _ = moved(items);
//                     let mut crew = items.crew(limit, Nothing, &ways, |fetched| async {
//                         let departed = 'body: {
//                             let PAT = fetched.item();
//                             let () = { BODY };
//                             Ok(0)
//                         };
//                         ways.depart(departed).await
//                     });
//                     loop {
//                         let mut given = Poll::Pending;
//                         let way = loop {
//                             let cx = ThisPoll.await;
//                             run_turn(&mut crew, cx, given, || items.poll_next(cx));
//                             given = match crew.wait(items.wait()).await {
//                                 Waited::Given(given) => Poll::Ready(given.next()),
//                                 Waited::Polled => Poll::Pending,
//                                 Waited::Over(way) => break way,
//                             };
//                         };
//                         match way {
//                             Way::Return(value) => return value,
//                             Way::Jump(1) => break 'label,
//                             …
//                             Way::Jump(_) => break,
//                         }
//                     }
//                 }
//             },
//         }
//     }
// where `break 'label` in BODY has become `break 'body Ok(1)`, and `continue` has become
// `break 'body Ok(0)`. The value of a jump lies in the body until it departs, and then in a `Slot`,
// which all bodies share. There are really two labels: that of jumps that leave the body of an
// outer macro, too, and that of the others. A marked body inside hands its mark on by the first
// only.
//
// With `#[collect]`, BODY ends with `hand_over(BODY, &collected)`, and the crew gives the values.
//
// The closure is no `move`, nor is its `async` block, so that bodies borrow locals. A body owns its
// item nevertheless, because `Fetched::item` takes the whole. The closure must be there before the
// first item, and the compiler must know the type of an item by then, so `items` makes the crew.
//
// `items` is really a sentence, which the compiler prints where a source lends its items: `items`
// is borrowed for an item, and again for the next one. A name is printed where its whole pattern is
// the user's, and the name in the middle of that need not be.
//
// The closure is really a call of a macro whose name is a sentence. The compiler prints it where a
// body changes a local.
//
// BODY is polled outside of this future's own poll, so a `return` in it is the output of the
// `async` block, as in `async_with!`.
pub(super) fn concurrent_loop(
    writer: &Writer<'_>,
    limit: &Concurrent,
    at_end: &TokenStream,
) -> TokenStream {
    let Writer { at, call } = writer;
    let (private, stream) = (private(*at), &call.stream);
    let label = call.label.clone().into_iter().nth(1);
    let label = label.map(|name| name.to_string());
    let mut escapes = Escapes::of_concurrent_loop(*at, label);
    let collect = call.options.collect.as_ref();
    let body = escapes.replace_jumps(match collect {
        Some(_) => without_values(writer),
        None => call.body.stream(),
    });
    let body = body_code(writer, &as_generated(&call.body, body), &escapes, collect);
    let (every, limit) = (writer.yield_every(), self::limit(limit, *at));
    let (collected, collects, values) = collecting(collect, &call.body, *at);
    let (declare, arms, own_label) = (escapes.declare(), escapes.arms(), &call.label);
    let give_back = escapes.give_back();
    let continued = escapes.continued().map(continued);
    let (items, way) = (items(*at), way(writer));
    let first = call.stream.clone().into_iter().next();
    let of_user = first.map_or(*at, |first| first.span());
    let bind_items = quote_spanned!(of_user=> mut #items @ _);
    quote_spanned! {*at=> {
        #[allow(unused_imports)]
        use #private::SourceLoop as _;
        #[allow(unused_imports)]
        use #private::StreamOrSource as _;
        let (__forwith_outer, __forwith_inner) = #private::Returns::pair();
        #[allow(unreachable_code, clippy::diverging_sub_expression)]
        if false {
            return #private::Returns::value(__forwith_outer);
        }
        let __forwith_ways = #private::Ways::new();
        #collected
        #declare
        match #limit {
            __forwith_limit => match #private::looped::<#every, _>(#stream).__forwith_items() {
                __forwith_items => {
                    #[allow(clippy::redundant_pattern)]
                    let #bind_items = #private::moved(__forwith_items);
                    let mut __forwith_crew = #items.__forwith_crew(
                        __forwith_limit,
                        #collects,
                        &__forwith_ways,
                        __forwith_inner,
                        #body,
                    );
                    match () {
                        #[allow(clippy::never_loop)]
                        () => match #own_label loop {
                            #continued
                            let __forwith_way = #way;
                            match __forwith_way {
                                #private::Way::Return(__forwith_value) => #give_back,
                                #arms
                                #private::Way::Jump(_) => #at_end,
                            }
                        } {
                            #[allow(unreachable_code)]
                            __forwith_value => #values,
                        },
                    }
                }
            },
        }
    } }
}

/// The name of what gives the items. The compiler prints it where a source lends them.
fn items(at: Span) -> Ident {
    Ident::new("a_concurrent_loop_takes_no_items_that_are_lent", at)
}

/// How many bodies run at once.
fn limit(limit: &Concurrent, at: Span) -> TokenStream {
    match limit {
        Concurrent::Unlimited => {
            let private = private(at);
            quote_spanned!(at=> #private::unlimited())
        }
        Concurrent::Limit(limit) => {
            let at = generated_at(limit);
            let private = private(at);
            quote_spanned!(at=> #private::limit(#limit))
        }
    }
}

/// The place of the values to collect, what collects them, and the value of the loop.
///
/// Errors about the values point at `collect`, or at a semicolon that leaves the body without one.
fn collecting(
    collect: Option<&Ident>,
    body: &Group,
    at: Span,
) -> (TokenStream, TokenStream, TokenStream) {
    let Some(collect) = collect else {
        let private = private(at);
        return (
            TokenStream::new(),
            quote_spanned!(at=> #private::Nothing),
            quote_spanned!(at=> __forwith_value),
        );
    };
    let last = body.stream().into_iter().last();
    let at = if is_punct(last.as_ref(), ';') {
        generated_at_end(body)
    } else {
        Span::mixed_site().located_at(collect.span())
    };
    let private = private(at);
    (
        quote_spanned!(at=> let __forwith_collected = #private::Slot::new();),
        quote_spanned!(at=> #private::Values::of(&__forwith_collected)),
        quote_spanned! {at=> {
            __forwith_value;
            #private::SendIfWhatBodiesShareIsSync::into_values(__forwith_crew)
        } },
    )
}

/// The closure that makes the body of an item.
fn body_code(
    writer: &Writer<'_>,
    body: &Group,
    escapes: &Escapes,
    collect: Option<&Ident>,
) -> TokenStream {
    let at = writer.at;
    let (private, label, within) = (private(at), escapes.label(at), escapes.label_within(at));
    let pattern = let_pattern(&writer.call.pattern);
    let (declare, hand_over) = escapes.hand_over();
    let end_at = generated_at_end(body);
    let (end, departed) = if collect.is_some() {
        let private = self::private(end_at);
        let departed = quote_spanned! {end_at=>
            #private::hand_over(__forwith_end, &__forwith_collected)
        };
        (quote_spanned!(end_at=> let __forwith_end), departed)
    } else {
        let end = quote_spanned!(end_at=> let __forwith_end: ());
        (end, quote_spanned!(end_at=> #private::Ok(0)))
    };
    quote_spanned! {at=>
        #private::what_bodies_change_is_a_Cell_or_behind_a_lock!(__forwith_fetched, {
            #[allow(unreachable_code, clippy::diverging_sub_expression)]
            if false {
                return #private::Fetched::returned(&__forwith_fetched);
            }
            let __forwith_departed = {
                #declare
                let __forwith_departed = #label: { #within: {
                    #[allow(clippy::no_effect_underscore_binding)]
                    let #pattern = #private::Fetched::item(__forwith_fetched);
                    #end = match () { () => #body };
                    #[allow(unreachable_code)]
                    let __forwith_departed = #departed;
                    __forwith_departed
                } };
                #hand_over
                __forwith_departed
            };
            match #private::Ways::depart(&__forwith_ways, __forwith_departed).await {}
        })
    }
}

/// Runs the loop, and gives the way by which it ends.
fn way(writer: &Writer<'_>) -> TokenStream {
    let at = writer.at;
    let (private, items) = (private(at), items(at));
    let (until, wait) = match &writer.call.options.until {
        None => (
            TokenStream::new(),
            quote_spanned!(at=> #items.__forwith_wait()),
        ),
        Some(until) => until_ends(writer, until),
    };
    // SAFETY (of the generated block): as in `Writer::next_item`.
    quote_spanned! {at=> {
        let mut __forwith_given = #private::Poll::Pending;
        loop {
            {
                let __forwith_cx = #private::ThisPoll.await;
                let __forwith_given = #private::moved(__forwith_given);
                unsafe {
                    #private::run_turn(&mut __forwith_crew, __forwith_cx, __forwith_given, || {
                        #until
                        #items.__forwith_poll_next(__forwith_cx)
                    });
                }
            }
            __forwith_given = match
                #private::SendIfWhatBodiesShareIsSync::wait(&mut __forwith_crew, #wait).await
            {
                #private::Waited::Given(__forwith_given) => {
                    #private::Poll::Ready(__forwith_given.__forwith_next())
                }
                #private::Waited::Polled => #private::Poll::Pending,
                #private::Waited::Over(__forwith_way) => break __forwith_way,
            };
        }
    } }
}

/// Polls the future of `#[until(…)]` before each item; and waits for an item beside it.
fn until_ends(writer: &Writer<'_>, until: &TokenStream) -> (TokenStream, TokenStream) {
    let at = generated_at(until);
    let private = private(at);
    let pinned = quote_spanned!(at=> #private::Pin::new_unchecked(&mut __forwith_until));
    let poll = quote_spanned! {at=>
        if #private::Poll::is_ready(&#private::Until::poll_end(#pinned, __forwith_cx)) {
            return #private::Poll::Ready(#private::None);
        }
    };
    let items = items(writer.at);
    let wait = quote_spanned! {writer.at=>
        #items.__forwith_wait_until(unsafe { #pinned })
    };
    (poll, wait)
}

/// Shows the compiler that a label is used, which only a body has named.
fn continued(label: &Ident) -> TokenStream {
    let at = Span::mixed_site().located_at(label.span());
    let mut quote = Punct::new('\'', Spacing::Joint);
    quote.set_span(label.span());
    quote_spanned! {at=>
        #[allow(unreachable_code)]
        if false {
            continue #quote #label;
        }
    }
}

/// The body of a loop that collects. A `break value` for that loop becomes an error.
fn without_values(writer: &Writer<'_>) -> TokenStream {
    jumps::replace(writer.call.body.stream(), &mut |jump| {
        let (target, value) = (&jump.target, &jump.value);
        if value.is_none() || !is_own(writer.call, jump.label.as_ref()) {
            return quote!(#target #value);
        }
        let at = target.clone().into_iter().next();
        let at = at.map_or_else(Span::call_site, |jump| jump.span());
        let report = quote_spanned! {at=>
            ::core::compile_error!(
                "a loop that collects gives the values of its bodies: this `break` takes none"
            );
        };
        quote!({ #report #target })
    })
}

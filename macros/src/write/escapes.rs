//! The jumps by which a body exits, besides `return` and its end.

use proc_macro2::{Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};

use super::depth::{Depth, Depths};
use super::marked::Marked;
use crate::jumps::{self, Jump};
use crate::tokens::{generated_at, is_punct, private, stream};

/// The jumps out of one body, in the order of the source.
///
/// Each jump becomes a `break` out of the body with the number of its `Way`. That is a labelled
/// `break` with a value again, so an enclosed body passes it on without knowing about it.
pub(super) struct Escapes<'a> {
    /// The span of generated code.
    pub(super) at: Span,
    /// The number of enclosing bodies of the same call, which distinguishes their names.
    level: usize,
    jumps: Vec<Escape>,
    /// The mark of the body, if it holds a call of `mark_failed!`.
    marked: Option<&'a Marked>,
    /// How deep an `Err` may be in what the body gives.
    pub(super) depths: Depths,
    /// The concurrent loop whose body it is, if it is that of one.
    concurrent: Option<Concurrent>,
}

/// What is different in a concurrent loop: several bodies run at once, so that they share the
/// places for values, and a `continue` ends one of them.
struct Concurrent {
    /// The label of the loop, without the quote.
    label: Option<String>,
    /// The label, where a `continue` has used it. The loop itself does not see that.
    continued: Option<Ident>,
}

/// A jump out of the body.
struct Escape {
    way: Literal,
    /// The jump as the user wrote it, without its value.
    target: TokenStream,
    /// Where its value is while the resource is exited.
    place: Option<Place>,
    /// Code of outer macros around the value, which runs behind this one: the outermost first.
    around: Vec<Around>,
    /// Whether it leaves an outer body, too.
    leaves_outer: bool,
    /// `#[cfg(…)]`, where the jump is under one: what belongs to it goes with it.
    cfg: Option<TokenStream>,
}

/// Where the value of a jump is stored.
enum Place {
    /// In the place that all ways share, under this letter.
    Shared(char),
    /// In a variable of its own: the type of a jump that is not there would stay unknown, and the
    /// letters are few.
    Own(Ident),
}

/// The value that an outer macro has given a jump: code of its own around the user's value.
struct Around {
    before: TokenStream,
    after: TokenStream,
}

/// The letters of `Carried`.
const LETTERS: &str = "ABCDEFG";

/// How the labels of bodies begin. A jump with such a label leaves the body of an outer macro.
const LABEL: &str = "__forwith";

/// How the label begins for jumps out of the body of a concurrent loop that leave no outer body. An
/// inner macro must not take them for jumps that do.
const LABEL_WITHIN: &str = "__within";

impl<'a> Escapes<'a> {
    pub(super) fn new(at: Span, level: usize, marked: Option<&'a Marked>, depths: Depths) -> Self {
        Escapes {
            at,
            level,
            jumps: Vec::new(),
            marked,
            depths,
            concurrent: None,
        }
    }

    /// The jumps out of the body of a concurrent loop.
    pub(super) fn of_concurrent_loop(at: Span, label: Option<String>) -> Self {
        let continued = None;
        Escapes {
            concurrent: Some(Concurrent { label, continued }),
            ..Escapes::new(at, 0, None, Depths::any())
        }
    }

    /// The label of the concurrent loop, if a `continue` has used it.
    pub(super) fn continued(&self) -> Option<&Ident> {
        self.concurrent.as_ref()?.continued.as_ref()
    }

    /// The label of the body.
    pub(super) fn label(&self, at: Span) -> TokenStream {
        self.label_that_begins(LABEL, at)
    }

    /// The label of the body of a concurrent loop for jumps that leave no outer body.
    pub(super) fn label_within(&self, at: Span) -> TokenStream {
        self.label_that_begins(LABEL_WITHIN, at)
    }

    fn label_that_begins(&self, begin: &str, at: Span) -> TokenStream {
        let name = format_ident!("{begin}{}", self.level, span = at);
        let mut quote = Punct::new('\'', Spacing::Joint);
        quote.set_span(at);
        quote!(#quote #name)
    }

    /// The variable that carries the value of the body, or that of a jump.
    pub(super) fn carried(&self, at: Span) -> Ident {
        format_ident!("__forwith_value{}", self.level, span = at)
    }

    /// Makes what is stored of the body's value.
    pub(super) fn make(&self, at: Span) -> TokenStream {
        let private = private(at);
        if self.letters().next().is_some() {
            quote_spanned!(at=> #private::Carried::End)
        } else {
            quote_spanned!(at=> #private::Some)
        }
    }

    /// The variables for values, not assigned yet.
    pub(super) fn declare(&self) -> TokenStream {
        let at = self.at;
        let (private, carried) = (private(at), self.carried(at));
        let used = self.letters().count();
        let mut output = if self.concurrent.is_some() {
            TokenStream::new()
        } else if used == 0 {
            quote_spanned!(at=> let mut #carried = #private::None;)
        } else {
            let used = (0..=used).map(|_| quote_spanned!(at=> _));
            let unused = LETTERS.chars().skip(self.letters().count());
            let unused = unused.map(|_| quote_spanned!(at=> #private::Infallible));
            quote_spanned! {at=>
                let mut #carried: #private::Carried<#(#used,)* #(#unused),*>
                    = #private::Carried::None;
            }
        };
        if let (Some(marked), 0) = (self.marked, self.level) {
            output.extend(marked.declare());
        }
        for escape in &self.jumps {
            if let (Some(Place::Own(own)), cfg) = (&escape.place, &escape.cfg) {
                output.extend(if self.concurrent.is_some() {
                    let slot = slot(own);
                    quote_spanned!(at=> #cfg let #slot = #private::Slot::new();)
                } else {
                    quote_spanned!(at=> #cfg let mut #own = #private::None;)
                });
            }
        }
        output
    }

    /// The places of one body of a concurrent loop for its values, and what hands over that of the
    /// way by which it departs. Until then the jump is the body's own: its exits may take long, and
    /// fail.
    pub(super) fn hand_over(&self) -> (TokenStream, TokenStream) {
        let at = self.at;
        let private = private(at);
        let (mut declare, mut hand_over) = (TokenStream::new(), TokenStream::new());
        for Escape {
            way, place, cfg, ..
        } in &self.jumps
        {
            let Some(Place::Own(own)) = place else {
                continue;
            };
            let slot = slot(own);
            declare.extend(quote_spanned!(at=> #cfg let mut #own = #private::None;));
            hand_over.extend(quote_spanned! {at=>
                #cfg
                if let #private::Ok(#way) | #private::Err(#way) = __forwith_departed {
                    #private::Slot::put(&#slot, #own);
                }
            });
        }
        (declare, hand_over)
    }

    /// The letters that are taken.
    fn letters(&self) -> impl Iterator<Item = char> {
        let letter = |escape: &Escape| match escape.place {
            Some(Place::Shared(letter)) => Some(letter),
            _ => None,
        };
        self.jumps.iter().filter_map(letter)
    }

    /// Where the value of the next jump is stored.
    fn next_place(&self, at: Span, has_cfg: bool) -> Place {
        match LETTERS.chars().nth(self.letters().count()) {
            Some(letter) if !has_cfg && self.concurrent.is_none() => Place::Shared(letter),
            _ => {
                let (level, number) = (self.level, self.jumps.len() + 1);
                Place::Own(format_ident!("__forwith_stored{level}_{number}", span = at))
            }
        }
    }

    /// Replaces each jump out of `code` by one out of the body.
    pub(super) fn replace_jumps(&mut self, code: TokenStream) -> TokenStream {
        jumps::replace(code, &mut |jump| self.add(jump))
    }

    fn add(&mut self, jump: Jump) -> TokenStream {
        let cfg = jump.condition().map(|condition| quote!(#[cfg(#condition)]));
        let Jump {
            target,
            label,
            value,
            is_complete,
            ..
        } = jump;
        if let Some(end) = self.end_of_concurrent_body(&target, label.as_ref()) {
            return end;
        }
        let (value, around) = self.split(value);
        let (target, value) = match value {
            Some(value) if around.is_empty() && self.is_constant(&value) => {
                (quote!(#target #value), None)
            }
            value => (target, value),
        };
        let leaves_outer = label.is_some_and(|label| label.to_string().starts_with(LABEL));
        let number = self.jumps.len() + 1;
        let at = generated_at(&target);
        let private = private(at);
        let label = if self.concurrent.is_some() && !leaves_outer {
            self.label_within(at)
        } else {
            self.label(at)
        };
        if !is_complete {
            // The compiler reports the value, and nothing else: this never ends, as a jump.
            let last = value.clone().into_iter().flatten().last();
            let end = last.map_or(at, |last| at.located_at(last.span()));
            let value = quote_spanned!(end=> let _ = #value;);
            return quote_spanned!(at=> loop { #value });
        }
        let way = Literal::usize_unsuffixed(number);
        let has_failed = Depth::Any.has_failed(at);
        let place = value.is_some().then(|| self.next_place(at, cfg.is_some()));
        let code = match &place {
            None => quote_spanned!(at=> break #label #private::Ok(#way)),
            Some(Place::Own(own)) => {
                quote_spanned! {at=>
                    break #label
                        #private::carry(#way, #value, #private::Some, &mut #own, #has_failed)
                }
            }
            Some(Place::Shared(letter)) => {
                let letter = format_ident!("{letter}", span = at);
                let (make, carried) = (
                    quote_spanned!(at=> #private::Carried::#letter),
                    self.carried(at),
                );
                quote_spanned! {at=>
                    break #label #private::carry(#way, #value, #make, &mut #carried, #has_failed)
                }
            }
        };
        self.jumps.push(Escape {
            way,
            target,
            place,
            around,
            leaves_outer,
            cfg,
        });
        code
    }

    /// What a `continue` of the concurrent loop becomes: the end of this body.
    fn end_of_concurrent_body(
        &mut self,
        target: &TokenStream,
        label: Option<&Ident>,
    ) -> Option<TokenStream> {
        let concurrent = self.concurrent.as_mut()?;
        let is_own = match label {
            Some(label) => Some(label.to_string()) == concurrent.label,
            None => true,
        };
        if !is_own || target.clone().into_iter().next()?.to_string() != "continue" {
            return None;
        }
        concurrent.continued = concurrent.continued.take().or_else(|| label.cloned());
        let at = generated_at(target);
        let (label, private) = (self.label_within(at), private(at));
        Some(quote_spanned!(at=> break #label #private::Ok(0)))
    }

    /// Splits a value that outer macros have given a jump out of a concurrent loop. What is their
    /// own runs behind the loop, because the bodies cannot all have what it borrows.
    fn split(&self, mut value: Option<TokenStream>) -> (Option<TokenStream>, Vec<Around>) {
        let mut all = Vec::new();
        let carried = |value: &TokenStream| {
            let of_loop = self.concurrent.as_ref();
            of_loop.and_then(|_| split_carry(value))
        };
        while let Some((inner, around)) = value.as_ref().and_then(carried) {
            value = Some(inner);
            all.push(around);
        }
        (value, all)
    }

    /// Whether an outer macro has given a jump out of a concurrent loop a value that is the same
    /// everywhere: a number.
    fn is_constant(&self, value: &TokenStream) -> bool {
        self.concurrent.is_some() && generated_call(value).is_some_and(|(name, _)| name == "Ok")
    }

    /// The arms of the final `match` that jump once the resource has been exited.
    pub(super) fn arms(&self) -> TokenStream {
        self.jumps.iter().map(|escape| self.arm(escape)).collect()
    }

    fn arm(&self, escape: &Escape) -> TokenStream {
        let Escape {
            way,
            target,
            place,
            around,
            leaves_outer,
            cfg,
        } = escape;
        let private = private(self.at);
        let at = generated_at(target);
        let value = place.as_ref().map(|place| match place {
            Place::Own(own) if self.concurrent.is_some() => {
                let slot = slot(own);
                quote_spanned!(at=> #private::Slot::value(&#slot))
            }
            Place::Own(own) => quote_spanned!(at=> #private::Stored::take(#own)),
            Place::Shared(letter) => {
                let carried = self.carried(at);
                let unwrap = format_ident!("unwrap_{}", letter.to_ascii_lowercase(), span = at);
                quote_spanned!(at=> #carried.#unwrap())
            }
        });
        let value = value.map(|value| {
            around.iter().rfold(value, |value, Around { before, after }| {
                quote_spanned!(at=> #private::carry(#before, #value, #after))
            })
        });
        let mut jump = quote!(#target #value);
        if *leaves_outer {
            jump = self.handed_on(jump);
        }
        let way = quote_spanned!(self.at=> #private::Way::Jump(#way));
        if self.concurrent.is_some() {
            return quote_spanned!(self.at=> #cfg #way => #jump,);
        }
        quote_spanned!(self.at=> #cfg #private::Ok(#way) => #jump,)
    }

    /// Returns the value that the body has returned.
    pub(super) fn give_back(&self) -> TokenStream {
        self.handed_on(quote_spanned!(self.at=> return __forwith_value))
    }

    /// Hands the mark on to the outer body, which the code leaves, too.
    fn handed_on(&self, code: TokenStream) -> TokenStream {
        let outermost = self.marked.filter(|_| self.level == 0);
        match outermost.and_then(Marked::hand_on) {
            Some(hand_on) => quote_spanned!(self.at=> { #hand_on #code }),
            None => code,
        }
    }

    /// The way out of the body, which the mark may have failed.
    pub(super) fn judge(&self) -> TokenStream {
        let departed = quote_spanned!(self.at=> __forwith_departed);
        match self.marked {
            Some(marked) => marked.judge(&departed),
            None => departed,
        }
    }

    /// The future that drives the body. It judges whether a value that the body returns has failed.
    pub(super) fn drive(&self) -> TokenStream {
        let (at, depth) = (self.at, self.depths.returned);
        let private = private(at);
        let has_failed = match self.marked {
            Some(marked) => marked.is_failure(&depth.judged(at), at),
            None if depth == Depth::Outermost => {
                return quote_spanned! {at=>
                    #private::Drive { body: __forwith_body, judge: #private::Outermost }
                };
            }
            None => depth.has_failed(at),
        };
        quote_spanned!(at=> #private::drive(__forwith_body, #has_failed))
    }
}

/// The place that all bodies of a concurrent loop share for what one of them has in this one.
fn slot(own: &Ident) -> Ident {
    format_ident!("{own}_shared", span = own.span())
}

/// The name and the arguments of a call that an outer macro has generated: `__forwith::name(…)`.
fn generated_call(value: &TokenStream) -> Option<(String, TokenStream)> {
    let tokens: Vec<_> = value.clone().into_iter().collect();
    let [
        root,
        colon,
        _,
        TokenTree::Ident(name),
        TokenTree::Group(arguments),
    ] = &tokens[..]
    else {
        return None;
    };
    let is_generated = private(Span::mixed_site()) == root.to_string();
    (is_generated && is_punct(Some(colon), ':')).then(|| (name.to_string(), arguments.stream()))
}

/// Splits `carry(WAY, VALUE, MAKE, PLACE, VERDICT)` of an outer macro into the value and what is
/// around. Only the value may have commas of its own.
fn split_carry(value: &TokenStream) -> Option<(TokenStream, Around)> {
    let (name, arguments) = generated_call(value)?;
    let tokens: Vec<_> = arguments.into_iter().collect();
    let commas = tokens.iter().enumerate();
    let commas: Vec<_> = commas
        .filter(|(_, token)| is_punct(Some(token), ','))
        .map(|(at, _)| at)
        .collect();
    let [first, .., last, _, _] = &commas[..] else {
        return None;
    };
    (name == "carry").then(|| {
        let around = Around {
            before: stream(&tokens[..*first]),
            after: stream(&tokens[last + 1..]),
        };
        (stream(&tokens[first + 1..*last]), around)
    })
}

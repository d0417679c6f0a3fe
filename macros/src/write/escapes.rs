//! The jumps by which a body exits, besides `return` and its end.

use proc_macro2::{Ident, Literal, Punct, Spacing, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::marked::Marked;
use crate::jumps::{self, Jump};
use crate::tokens::{generated_at, private};

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
}

/// A jump out of the body.
struct Escape {
    way: Literal,
    /// The jump as the user wrote it, without its value.
    target: TokenStream,
    /// Where its value is while the resource is exited.
    place: Option<Place>,
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

/// The letters of `Carried`.
const LETTERS: &str = "ABCDEFG";

/// How the labels of bodies begin.
const LABEL: &str = "__forwith";

impl<'a> Escapes<'a> {
    pub(super) fn new(at: Span, level: usize, marked: Option<&'a Marked>) -> Self {
        Escapes {
            at,
            level,
            jumps: Vec::new(),
            marked,
        }
    }

    /// The label of the body.
    pub(super) fn label(&self, at: Span) -> TokenStream {
        let name = format_ident!("{LABEL}{}", self.level, span = at);
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
        let mut output = if used == 0 {
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
                output.extend(quote_spanned!(at=> #cfg let mut #own = #private::None;));
            }
        }
        output
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
            Some(letter) if !has_cfg => Place::Shared(letter),
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
        let leaves_outer = label.is_some_and(|label| label.to_string().starts_with(LABEL));
        let number = self.jumps.len() + 1;
        let at = generated_at(&target);
        let (label, private) = (self.label(at), private(at));
        if !is_complete {
            // The compiler reports the value, and nothing else: this never ends, as a jump.
            let last = value.clone().into_iter().flatten().last();
            let end = last.map_or(at, |last| at.located_at(last.span()));
            let value = quote_spanned!(end=> let _ = #value;);
            return quote_spanned!(at=> loop { #value });
        }
        let way = Literal::usize_unsuffixed(number);
        let has_failed = has_failed(at);
        let place = value.is_some().then(|| self.next_place(at, cfg.is_some()));
        let code = match &place {
            None => quote_spanned!(at=> break #label #private::Ok(#way)),
            Some(Place::Own(own)) => quote_spanned! {at=>
                break #label #private::carry(#way, #value, #private::Some, &mut #own, #has_failed)
            },
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
            leaves_outer,
            cfg,
        });
        code
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
            leaves_outer,
            cfg,
        } = escape;
        let private = private(self.at);
        let at = generated_at(target);
        let value = place.as_ref().map(|place| match place {
            Place::Own(own) => quote_spanned!(at=> #private::Stored::take(#own)),
            Place::Shared(letter) => {
                let carried = self.carried(at);
                let unwrap = format_ident!("unwrap_{}", letter.to_ascii_lowercase(), span = at);
                quote_spanned!(at=> #carried.#unwrap())
            }
        });
        let mut jump = quote!(#target #value);
        if *leaves_outer {
            jump = self.handed_on(jump);
        }
        quote_spanned!(self.at=> #cfg #private::Ok(#private::Way::Jump(#way)) => #jump,)
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

    /// The closure that judges whether a value that the body returns has failed.
    pub(super) fn is_failure(&self) -> TokenStream {
        match self.marked {
            Some(marked) => marked.is_failure(self.at),
            None => has_failed(self.at),
        }
    }
}

/// The closure that judges whether a value has failed. It stands where the type of the value is
/// known, and the value need not be.
pub(super) fn has_failed(at: Span) -> TokenStream {
    let private = private(at);
    quote_spanned!(at=> |__forwith_verdict| #private::__has_failed!(__forwith_verdict))
}

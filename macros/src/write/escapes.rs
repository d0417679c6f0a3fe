//! The jumps by which a body is left, besides `return` and its end.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Lifetime;

use crate::jumps::{self, Jump};
use crate::tokens::{generated_at, private};

/// The jumps out of one body, in the order of the source.
///
/// Each jump becomes a `break` out of the body with the number of its `Way`. That is a labelled
/// `break` with a value again, so an enclosed body passes it on without knowing about it.
pub(super) struct Escapes {
    /// The span of generated code.
    pub(super) at: Span,
    /// The number of enclosing bodies of the same call, which distinguishes their names.
    level: usize,
    jumps: Vec<Escape>,
}

/// A jump out of the body.
struct Escape {
    way: Literal,
    /// The jump as the user wrote it, without its value.
    target: TokenStream,
    /// The variable that stores its value while the resource is exited.
    stored: Option<Ident>,
    /// `#[cfg(…)]`, where the jump is under one: what belongs to it goes with it.
    cfg: Option<TokenStream>,
}

impl Escapes {
    pub(super) fn new(at: Span, level: usize) -> Self {
        Escapes {
            at,
            level,
            jumps: Vec::new(),
        }
    }

    /// The label of the body.
    pub(super) fn label(&self, at: Span) -> Lifetime {
        Lifetime::new(&format!("'__forwith{}", self.level), at)
    }

    /// The variables that store the values of jumps, not assigned yet.
    pub(super) fn stored(&self) -> TokenStream {
        let private = private(self.at);
        let declare = |escape: &Escape| {
            let Escape { stored, cfg, .. } = escape;
            stored
                .as_ref()
                .map(|stored| quote_spanned!(self.at=> #cfg let mut #stored = #private::None;))
        };
        self.jumps.iter().filter_map(declare).collect()
    }

    /// Replaces each jump out of `code` by one out of the body.
    pub(super) fn replace_jumps(&mut self, code: TokenStream) -> TokenStream {
        jumps::replace(code, &mut |jump| self.add(jump))
    }

    fn add(&mut self, jump: Jump) -> TokenStream {
        let cfg = jump.condition().map(|condition| quote!(#[cfg(#condition)]));
        let Jump {
            target,
            value,
            is_complete,
            ..
        } = jump;
        let (level, number) = (self.level, self.jumps.len() + 1);
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
        let stored = value
            .as_ref()
            .map(|_| format_ident!("__forwith_stored{level}_{number}", span = at));
        let code = if let (Some(value), Some(stored)) = (&value, &stored) {
            quote_spanned!(at=> break #label #private::carry(#way, #value, &mut #stored))
        } else {
            quote_spanned!(at=> break #label #private::Ok(#way))
        };
        self.jumps.push(Escape {
            way,
            target,
            stored,
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
            stored,
            cfg,
        } = escape;
        let private = private(self.at);
        let value = stored
            .as_ref()
            .map(|stored| quote_spanned!(generated_at(target)=> #stored.unwrap()));
        quote_spanned!(self.at=> #cfg #private::Ok(#private::Way::Jump(#way)) => #target #value,)
    }
}

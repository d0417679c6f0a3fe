//! The ways by which a body leaves its scope other than at its end or by `return`.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::Lifetime;

use crate::jumps::{self, Jump};
use crate::tokens::{generated_at, private};

/// The jumps out of one scope, in the order in which they stand.
///
/// A jump becomes a `break` out of the scope's body, which carries the number of its way. That is again
/// a labelled `break` with a value: a scope further in needs to know nothing of it to pass it on.
pub(super) struct Escapes {
    /// Where generated code stands.
    pub(super) at: Span,
    /// How many scopes of the same call are around; it keeps their names apart.
    level: usize,
    jumps: Vec<Escape>,
}

/// One of them.
struct Escape {
    way: Literal,
    /// The jump as the user wrote it, without its value.
    target: TokenStream,
    /// The variable that keeps its value while the scope is left.
    stored: Option<Ident>,
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

    /// The variables that keep the values of jumps.
    pub(super) fn stored(&self) -> impl Iterator<Item = &Ident> {
        self.jumps
            .iter()
            .filter_map(|escape| escape.stored.as_ref())
    }

    /// Makes each jump out of `code` leave the body first.
    pub(super) fn replace_jumps(&mut self, code: TokenStream) -> TokenStream {
        jumps::replace(code, &mut |jump| self.add(jump))
    }

    fn add(&mut self, Jump { target, value, .. }: Jump) -> TokenStream {
        let (level, number) = (self.level, self.jumps.len() + 1);
        let at = generated_at(&target);
        let (label, private) = (self.label(at), private(at));
        let way = Literal::usize_unsuffixed(number);
        let stored = value
            .as_ref()
            .map(|_| format_ident!("__stored{level}_{number}", span = at));
        let code = if let (Some(value), Some(stored)) = (&value, &stored) {
            quote_spanned!(at=> break #label #private::carry(#way, #value, &mut #stored))
        } else {
            quote_spanned!(at=> break #label #private::Ok(#way))
        };
        self.jumps.push(Escape {
            way,
            target,
            stored,
        });
        code
    }

    /// The arms that make the jumps at last, when the scope has been left.
    pub(super) fn arms(&self) -> TokenStream {
        self.jumps.iter().map(|escape| self.arm(escape)).collect()
    }

    fn arm(&self, escape: &Escape) -> TokenStream {
        let Escape {
            way,
            target,
            stored,
        } = escape;
        let private = private(self.at);
        let value = stored
            .as_ref()
            .map(|stored| quote_spanned!(generated_at(target)=> #stored.unwrap()));
        quote_spanned!(self.at=> #private::Ok(#private::Way::Jump(#way)) => #target #value,)
    }
}

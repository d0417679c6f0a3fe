//! The ways by which a body leaves its scope other than at its end or by `return`.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Lifetime;

use crate::jumps::{self, Jump};

/// The jumps out of one scope, in the order in which they stand.
///
/// A jump becomes a `break` out of the scope's body, which carries the number of its way. That is again
/// a labelled `break` with a value: a scope further in needs to know nothing of it to pass it on.
pub(super) struct Exits<'a> {
    private: &'a TokenStream,
    /// How many scopes of the same call are around; it keeps their names apart.
    level: usize,
    jumps: Vec<Exit>,
}

/// One of them.
struct Exit {
    way: Literal,
    /// The jump as the user wrote it, without its value.
    target: TokenStream,
    /// The variable that keeps its value while the scope is left.
    stored: Option<Ident>,
}

impl<'a> Exits<'a> {
    pub(super) fn new(private: &'a TokenStream, level: usize) -> Self {
        Exits {
            private,
            level,
            jumps: Vec::new(),
        }
    }

    /// The label of the body.
    pub(super) fn label(&self, span: Span) -> Lifetime {
        let span = Span::mixed_site().located_at(span);
        Lifetime::new(&format!("'__scope{}", self.level), span)
    }

    /// The variables that keep the values of jumps.
    pub(super) fn stored(&self) -> impl Iterator<Item = &Ident> {
        self.jumps.iter().filter_map(|exit| exit.stored.as_ref())
    }

    /// Makes each jump out of `code` leave the body first.
    pub(super) fn replace_jumps(&mut self, code: TokenStream) -> TokenStream {
        jumps::replace(code, &mut |jump| self.add(jump))
    }

    fn add(&mut self, Jump { target, value, .. }: Jump) -> TokenStream {
        let (private, level, number) = (self.private, self.level, self.jumps.len() + 1);
        let span = target
            .clone()
            .into_iter()
            .next()
            .map_or_else(Span::mixed_site, |word| word.span());
        let label = self.label(span);
        let way = Literal::usize_unsuffixed(number);
        let stored = format_ident!("__stored{level}_{number}", span = Span::mixed_site());
        let generated = Span::mixed_site().located_at(span);
        let (code, stored) = match value {
            None => (
                quote_spanned!(generated=> break #label #private::Ok(#way)),
                None,
            ),
            Some(value) => (
                quote_spanned!(generated=> break #label #private::carry(#way, #value, &mut #stored)),
                Some(stored),
            ),
        };
        self.jumps.push(Exit {
            way,
            target,
            stored,
        });
        code
    }

    /// The arms that make the jumps at last, when the scope has been left.
    pub(super) fn arms(&self) -> TokenStream {
        self.jumps.iter().map(|exit| self.arm(exit)).collect()
    }

    fn arm(
        &self,
        Exit {
            way,
            target,
            stored,
        }: &Exit,
    ) -> TokenStream {
        let private = self.private;
        let value = stored
            .as_ref()
            .map(|stored| quote_spanned!(Span::mixed_site()=> #private::taken(#stored)));
        let jump = quote!(#target #value);
        quote_spanned!(Span::mixed_site()=> #private::Ok(#private::Way::Jump(#way)) => #jump,)
    }
}

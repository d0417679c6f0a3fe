//! The mark of a body that holds a call of `mark_failed!`. Other bodies have none.

use proc_macro2::{Group, Ident, Span, TokenStream};
use quote::quote_spanned;

use crate::jumps::{Marks, mark};
use crate::tokens::{private, with_content};

/// The mark of a body.
pub(super) struct Marked {
    /// Errors about the mark point at the first call.
    at: Span,
    /// The mark of the next outer body, if a `return` leaves that, too.
    outer: Option<Ident>,
}

impl Marked {
    /// Tells the calls of `mark_failed!` in the body where its mark is. `None` if there are none.
    pub(super) fn find(body: &Group) -> Option<(Group, Self)> {
        let (stream, Marks { first, outer }) = mark(body.stream(), &local(Span::mixed_site()))?;
        let marked = with_content(body, stream);
        let at = Span::mixed_site().located_at(first);
        Some((marked, Marked { at, outer }))
    }

    /// The local. A reference, so that a `move` block copies it.
    pub(super) fn declare(&self) -> TokenStream {
        let (at, private, local) = (self.at, private(self.at), local(self.at));
        quote_spanned!(at=> let #local = &#private::Mark::new();)
    }

    /// The way out of the body, failed if the body has been marked.
    pub(super) fn judge(&self, departed: &TokenStream) -> TokenStream {
        let (at, private, local) = (self.at, private(self.at), local(self.at));
        quote_spanned!(at=> #private::Mark::judge(#local, #departed))
    }

    /// The closure that judges whether a value that the body returns has failed, where that depends
    /// on the mark, too.
    pub(super) fn is_failure(&self, judged: &TokenStream, at: Span) -> TokenStream {
        let (private, local) = (private(at), local(self.at));
        quote_spanned!(at=> |__forwith_views| #private::Mark::is_set(#local) || #judged)
    }

    /// Hands the mark on to the outer body.
    pub(super) fn hand_on(&self) -> Option<TokenStream> {
        let (at, private, local) = (self.at, private(self.at), local(self.at));
        let outer = self.outer.as_ref()?;
        Some(quote_spanned!(at=> #private::Mark::hand_on(#local, #outer);))
    }
}

fn local(at: Span) -> Ident {
    Ident::new("__forwith_marked", at)
}

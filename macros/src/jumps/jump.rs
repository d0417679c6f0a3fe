//! A jump, as the walk hands it out.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// A jump that leaves the body.
pub(crate) struct Jump {
    /// The keyword and the label, as the user wrote them.
    pub(crate) target: TokenStream,
    pub(crate) label: Option<Ident>,
    /// The value it carries, in which further jumps are already replaced.
    pub(crate) value: Option<TokenStream>,
    /// Whether the value is a whole expression, which it is not while it is being typed.
    pub(crate) is_complete: bool,
    /// The conditions of the `#[cfg(…)]`s around it, all of which must hold for it to be there.
    pub(super) conditions: Vec<TokenStream>,
}

impl Jump {
    /// The condition under which the jump is there; `None` if it always is.
    pub(crate) fn condition(&self) -> Option<TokenStream> {
        match &self.conditions[..] {
            [] => None,
            [condition] => Some(condition.clone()),
            conditions => Some(quote!(all(#(#conditions),*))),
        }
    }
}

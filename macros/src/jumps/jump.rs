//! A jump, as the walk hands it out.

use proc_macro2::{Ident, TokenStream};

/// A jump that leaves the body.
pub(crate) struct Jump {
    /// The keyword and the label, as the user wrote them.
    pub(crate) target: TokenStream,
    pub(crate) label: Option<Ident>,
    /// The value it carries, in which further jumps are already replaced.
    pub(crate) value: Option<TokenStream>,
}

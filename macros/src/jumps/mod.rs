//! Finds the `break`s and `continue`s that leave a body, and puts other code in their place.
//!
//! It works on tokens: what it does not replace stays as the user wrote it, also where it is no valid
//! Rust (yet). Only loops and jumps are parsed, to learn where they end.
//!
//! What a jump means inside another macro depends on that macro. A label means the same everywhere, so
//! labelled jumps are found in any macro. An unlabelled one may belong to a loop that the macro
//! brings, so it is found only in macros known to bring none.

mod shapes;
mod walker;

use proc_macro2::{Ident, TokenStream};

/// A jump that leaves the body.
pub(crate) struct Jump {
    /// The keyword and the label, as they stand.
    pub(crate) target: TokenStream,
    pub(crate) label: Option<Ident>,
    /// The value it carries, in which further jumps were already replaced.
    pub(crate) value: Option<TokenStream>,
}

/// Calls `replace` for each jump that leaves `body`, and puts what it gives in the jump's place.
pub(crate) fn replace(
    body: TokenStream,
    replace: &mut dyn FnMut(Jump) -> TokenStream,
) -> TokenStream {
    walker::Walker::new(replace).walk(body)
}

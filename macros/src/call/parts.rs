//! The parts of a call, in the user's own tokens.

use proc_macro2::{Group, Ident, TokenStream};

/// `#[option]* 'label: for PAT in EXPR { BODY }`
pub(crate) struct ForLoop {
    pub(crate) options: Options,
    /// The label with its colon, or nothing.
    pub(crate) label: TokenStream,
    pub(crate) pattern: TokenStream,
    pub(crate) stream: TokenStream,
    pub(crate) body: Group,
}

/// The attributes in front of a loop.
#[derive(Default)]
pub(crate) struct Options {
    /// The future in `#[until(future)]`.
    pub(crate) until: Option<TokenStream>,
    /// The argument of `#[yield_every(n)]`.
    pub(crate) yield_every: Option<YieldEvery>,
    /// The argument of `#[concurrent(n)]`.
    pub(crate) concurrent: Option<Concurrent>,
    /// The word in `#[collect]`.
    pub(crate) collect: Option<Ident>,
}

/// How many bodies run at once.
pub(crate) enum Concurrent {
    Limit(TokenStream),
    Unlimited,
}

/// The number of ready items after which a loop yields to other tasks.
pub(crate) enum YieldEvery {
    Items(TokenStream),
    Never,
}

/// `EXPR as PAT, …, { BODY }`
pub(crate) struct WithBlock {
    /// At least one.
    pub(crate) bindings: Vec<Binding>,
    pub(crate) body: Group,
}

/// `EXPR as PAT`
pub(crate) struct Binding {
    pub(crate) resource: TokenStream,
    pub(crate) pattern: Option<TokenStream>,
}

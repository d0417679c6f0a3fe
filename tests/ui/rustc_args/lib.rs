//! The arguments with which cargo runs rustc, for tests that run it as well.

use proc_macro::{Delimiter, Group, Literal, Punct, Spacing, TokenStream, TokenTree};

/// Expands to an array of the arguments with which the calling crate is compiled: a macro runs
/// inside the compiler. Among them are the paths of all dependencies, as `--extern name=path`.
#[proc_macro]
pub fn rustc_args(_: TokenStream) -> TokenStream {
    let element = |arg: String| {
        let comma = Punct::new(',', Spacing::Alone);
        [TokenTree::from(Literal::string(&arg)), comma.into()]
    };
    let elements = std::env::args().flat_map(element).collect();
    TokenTree::from(Group::new(Delimiter::Bracket, elements)).into()
}

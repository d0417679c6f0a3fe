//! The mistakes in a call, all reported at once.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

/// Collects the mistakes in a call.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    /// Reports a mistake on the user's own tokens.
    pub(crate) fn on(&mut self, tokens: impl ToTokens, message: &str) {
        self.add(syn::Error::new_spanned(tokens, message));
    }

    /// Reports a mistake where there is no token, such as at the end of the call.
    pub(crate) fn at(&mut self, span: Span, message: &str) {
        self.add(syn::Error::new(span, message));
    }

    fn add(&mut self, error: syn::Error) {
        match &mut self.0 {
            None => self.0 = Some(error),
            Some(all) => all.combine(error),
        }
    }

    /// Puts the reports, if there are any, *behind* the code, so that an editor completes in a call
    /// with a mistake as it does in one without.
    pub(crate) fn beside(self, code: TokenStream) -> TokenStream {
        let Some(error) = self.0 else { return code };
        let reports = error.to_compile_error();
        if code.is_empty() {
            return quote!({ #reports });
        }
        quote_spanned! {Span::mixed_site()=>
            { let __forwith_value = { #code }; #reports __forwith_value }
        }
    }
}

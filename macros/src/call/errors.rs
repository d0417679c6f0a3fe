//! The mistakes in a call, all reported at once.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

/// Collects the mistakes in a call.
#[derive(Default)]
pub(crate) struct Errors(TokenStream);

impl Errors {
    /// Reports a mistake on the user's own tokens.
    pub(crate) fn on(&mut self, tokens: impl ToTokens, message: &str) {
        let mut tokens = tokens.into_token_stream().into_iter();
        let first = tokens
            .next()
            .map_or_else(Span::call_site, |token| token.span());
        let last = tokens.last().map_or(first, |token| token.span());
        self.add(first, last, message);
    }

    /// Reports a mistake where there is no token, such as at the end of the call.
    pub(crate) fn at(&mut self, span: Span, message: &str) {
        self.add(span, span, message);
    }

    /// The compiler underlines all from the first token of a call to the last.
    fn add(&mut self, first: Span, last: Span, message: &str) {
        let mut message = Literal::string(message);
        message.set_span(last);
        let call = quote_spanned!(first=> ::core::compile_error!);
        self.0.extend(call);
        self.0.extend(quote_spanned!(last=> { #message }));
    }

    /// Puts the reports, if there are any, *behind* the code, so that an editor completes in a call
    /// with a mistake as it does in one without.
    pub(crate) fn beside(self, code: TokenStream) -> TokenStream {
        let reports = self.0;
        if reports.is_empty() {
            return code;
        }
        if code.is_empty() {
            return quote!({ #reports });
        }
        quote_spanned! {Span::mixed_site()=>
            { let __forwith_value = { #code }; #reports __forwith_value }
        }
    }
}

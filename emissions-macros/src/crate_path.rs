//! The path under which the user's crate knows `emissions`.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

/// `::emissions`, or what the user gave as `crate = path`.
#[derive(Clone)]
pub(crate) struct CratePath(Option<syn::Path>);

impl CratePath {
    pub(crate) fn new(given: Option<syn::Path>) -> Self {
        Self(given)
    }

    /// The path with its tokens placed at `span`: a type error is then shown there.
    pub(crate) fn at(&self, span: Span) -> TokenStream {
        match &self.0 {
            Some(path) => path.to_token_stream().into_iter().map(|token| place(token, span)).collect(),
            None => quote_spanned!(span=> ::emissions),
        }
    }
}

fn place(mut token: TokenTree, span: Span) -> TokenTree {
    // Names are still looked up where the token came from.
    token.set_span(token.span().located_at(span));
    token
}

impl ToTokens for CratePath {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match &self.0 {
            Some(path) => path.to_tokens(tokens),
            None => tokens.extend(quote!(::emissions)),
        }
    }
}

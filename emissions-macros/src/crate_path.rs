//! The path under which the user's crate knows `emissions`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

/// `::emissions`, or what the user gave as `crate = path`.
#[derive(Clone)]
pub(crate) struct CratePath(Option<syn::Path>);

impl CratePath {
    pub(crate) fn new(given: Option<syn::Path>) -> Self {
        Self(given)
    }
}

impl ToTokens for CratePath {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match &self.0 {
            Some(path) => path.to_tokens(tokens),
            None => tokens.extend(quote!(::emissions)),
        }
    }
}

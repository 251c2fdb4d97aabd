//! The path under which the user's crate knows `emissions`.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

/// `::emissions`, or what the user gave as `crate = path`.
#[derive(Clone)]
pub(crate) struct CratePath(Option<syn::Path>);

impl CratePath {
    pub(crate) fn new(given: Option<syn::Path>) -> Self {
        Self(given)
    }

    /// The path with its tokens placed at `span`, one of [`generated_at`]: a type error is then
    /// shown there.
    pub(crate) fn at(&self, span: Span) -> TokenStream {
        match &self.0 {
            Some(path) => path.to_token_stream().into_iter().map(|token| place(token, span)).collect(),
            None => quote_spanned!(span=> ::emissions),
        }
    }
}

/// The place of `tokens`, for code that is generated: errors are shown there, lints know better.
pub(crate) fn generated_at(tokens: &impl Spanned) -> Span {
    Span::call_site().located_at(tokens.span())
}

fn place(mut token: TokenTree, span: Span) -> TokenTree {
    // `$crate` means the crate of the macro it was written in.
    let span = if token.to_string() == "$crate" { token.span().located_at(span) } else { span };
    token.set_span(span);
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

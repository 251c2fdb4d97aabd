//! The derives a type on the wire needs, added unless the user has them.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, LitStr, Path, Token, punctuated::Punctuated, spanned::Spanned};

use crate::crate_path::CratePath;

/// Attributes to put on the item: missing derives, and where they find their crates.
pub(crate) fn missing(attrs: &[Attribute], krate: &CratePath) -> TokenStream {
    let present = present(attrs);
    let has = |name: &str| present.iter().any(|derive| derive == name);
    let mut output = TokenStream::new();
    if !has("JsonSchema") {
        // What schemars derives calls `.into()`, which nobody imports under `no_implicit_prelude`.
        output.extend(quote! {
            #[allow(unused_imports, redundant_imports)]
            use ::core::convert::Into as _;
        });
    }
    if !has("Serialize") {
        output.extend(quote!(#[derive(#krate::__private::serde::Serialize)]));
    }
    if !has("Deserialize") {
        output.extend(quote!(#[derive(#krate::__private::serde::Deserialize)]));
    }
    if !has("JsonSchema") {
        output.extend(quote!(#[derive(#krate::__private::schemars::JsonSchema)]));
    }
    if !has_argument(attrs, "serde", "crate") {
        let path = path_text(krate, "serde");
        output.extend(quote!(#[serde(crate = #path)]));
    }
    if !has_argument(attrs, "schemars", "crate") {
        let path = path_text(krate, "schemars");
        output.extend(quote!(#[schemars(crate = #path)]));
    }
    output
}

/// `#[serde(transparent)]`, unless the user says how the newtype is written.
pub(crate) fn transparent(attrs: &[Attribute]) -> Option<TokenStream> {
    let says = ["transparent", "from", "try_from", "into"].iter().any(|key| has_argument(attrs, "serde", key));
    (!says).then(|| quote!(#[serde(transparent)]))
}

/// What serde and schemars need to write the integer of a field as a string.
pub(crate) fn integer_text(ty: &syn::Type, krate: &CratePath) -> [Attribute; 2] {
    // At the type, so that a type which is no integer is shown there.
    let text = |inner: &str| LitStr::new(&path_text(krate, inner), ty.span());
    let (module, schema) = (text("integer_text"), text(&format!("AsText<{}>", ty.to_token_stream())));
    [syn::parse_quote!(#[serde(with = #module)]), syn::parse_quote!(#[schemars(with = #schema)])]
}

/// Last segments of the derives the user wrote.
pub(crate) fn present(attrs: &[Attribute]) -> Vec<String> {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("derive"))
        .filter_map(|attr| attr.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated).ok())
        .flatten()
        .filter_map(|path| path.segments.last().map(|segment| segment.ident.to_string()))
        .collect()
}

/// Whether an attribute such as `#[serde(..)]` has the argument.
fn has_argument(attrs: &[Attribute], attribute: &str, argument: &str) -> bool {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident(attribute))
        .filter_map(|attr| attr.parse_args_with(Punctuated::<syn::Meta, Token![,]>::parse_terminated).ok())
        .flatten()
        .any(|meta| meta.path().is_ident(argument))
}

/// A path within the hidden module, as the text that serde and schemars ask for.
pub(crate) fn path_text(krate: &CratePath, inner: &str) -> String {
    let path: String = krate.to_token_stream().into_iter().map(|token| token.to_string()).collect();
    format!("{path}::__private::{inner}")
}

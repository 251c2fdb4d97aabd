//! The derives a type on the wire needs, added unless the user has them.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Path, Token, punctuated::Punctuated};

use crate::crate_path::CratePath;

/// Attributes to put on the item: missing derives, and where they find their crates.
pub(crate) fn missing(attrs: &[Attribute], krate: &CratePath) -> TokenStream {
    let present = present(attrs);
    let has = |name: &str| present.iter().any(|derive| derive == name);
    let mut output = TokenStream::new();
    if !has("Serialize") {
        output.extend(quote!(#[derive(#krate::__private::serde::Serialize)]));
    }
    if !has("Deserialize") {
        output.extend(quote!(#[derive(#krate::__private::serde::Deserialize)]));
    }
    if !has("JsonSchema") {
        output.extend(quote!(#[derive(#krate::__private::schemars::JsonSchema)]));
    }
    if !names_crate(attrs, "serde") {
        let path = path_text(krate, "serde");
        output.extend(quote!(#[serde(crate = #path)]));
    }
    if !names_crate(attrs, "schemars") {
        let path = path_text(krate, "schemars");
        output.extend(quote!(#[schemars(crate = #path)]));
    }
    output
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

/// Whether the user says already where `serde` or `schemars` is.
fn names_crate(attrs: &[Attribute], attribute: &str) -> bool {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident(attribute))
        .filter_map(|attr| attr.parse_args_with(Punctuated::<syn::Meta, Token![,]>::parse_terminated).ok())
        .flatten()
        .any(|meta| meta.path().is_ident("crate"))
}

/// A path within the hidden module, as the text that serde and schemars ask for.
pub(crate) fn path_text(krate: &CratePath, inner: &str) -> String {
    let path: String = krate.to_token_stream().into_iter().map(|token| token.to_string()).collect();
    format!("{path}::__private::{inner}")
}

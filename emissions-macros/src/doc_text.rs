//! Doc comments as text.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// An expression of type `&'static str`: the doc comment among `attrs`, lines joined, the leading
/// space of each line removed.
pub(crate) fn doc_text(attrs: &[Attribute]) -> TokenStream {
    let mut parts: Vec<TokenStream> = Vec::new();
    let mut text = String::new();
    let mut literal_only = true;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("doc")) {
        let Meta::NameValue(pair) = &attr.meta else { continue };
        if !parts.is_empty() || !text.is_empty() {
            text.push('\n');
        }
        if let Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) = &pair.value {
            for (index, line) in line.value().lines().enumerate() {
                if index > 0 {
                    text.push('\n');
                }
                text.push_str(line.strip_prefix(' ').unwrap_or(line).trim_end());
            }
        } else {
            // `include_str!(..)` and the like: only the compiler knows the text.
            literal_only = false;
            parts.push(std::mem::take(&mut text).into_token_stream());
            parts.push(pair.value.to_token_stream());
        }
    }
    if literal_only {
        return text.trim().into_token_stream();
    }
    quote!(::core::concat!(#(#parts,)* #text))
}

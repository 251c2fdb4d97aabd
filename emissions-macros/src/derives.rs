//! The derives a type on the wire needs, added unless the user has them.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Ident, ItemStruct, LitStr, Path, Token, ext::IdentExt as _, punctuated::Punctuated};

use crate::crate_path::{CratePath, generated_at};

/// Who writes the JSON Schema of a type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SchemaBy {
    /// We do: what schemars derives needs names from the prelude, which others may have taken.
    Us,
    /// schemars does, since its attributes are there or the user derives it.
    Derive,
}

impl SchemaBy {
    /// Decided by the attributes of a type and of its fields.
    pub(crate) fn of(item: &ItemStruct) -> Self {
        let derived = present(&item.attrs).iter().any(|derive| derive == "JsonSchema");
        let fields = item.fields.iter().flat_map(|field| &field.attrs);
        let told = item.attrs.iter().chain(fields).any(|attr| attr.path().is_ident("schemars"));
        if derived || told { Self::Derive } else { Self::Us }
    }
}

/// Attributes to put on the item: missing derives, and where they find their crates.
pub(crate) fn missing(attrs: &[Attribute], krate: &CratePath, schema: SchemaBy) -> TokenStream {
    let present = present(attrs);
    let has = |name: &str| present.iter().any(|derive| derive == name);
    let mut output = TokenStream::new();
    if !has("JsonSchema") && schema == SchemaBy::Derive {
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
    if !has("JsonSchema") && schema == SchemaBy::Derive {
        output.extend(quote!(#[derive(#krate::__private::schemars::JsonSchema)]));
    }
    if !has_argument(attrs, "serde", "crate") {
        let path = path_text(krate, "serde");
        output.extend(quote!(#[serde(crate = #path)]));
    }
    if schema == SchemaBy::Derive && !has_argument(attrs, "schemars", "crate") {
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

/// What serde, and schemars where it derives, need to write the integer of a field as a string.
pub(crate) fn integer_text(ty: &syn::Type, krate: &CratePath, schema: SchemaBy) -> Vec<Attribute> {
    // At the type, so that a type which is no integer is shown there.
    let text = |inner: &str| LitStr::new(&path_text(krate, inner), generated_at(ty));
    let module = text("integer_text");
    let mut attrs = vec![syn::parse_quote!(#[serde(with = #module)])];
    if schema == SchemaBy::Derive {
        let stand_in = text(&format!("AsText<{}>", ty.to_token_stream()));
        attrs.push(syn::parse_quote!(#[schemars(with = #stand_in)]));
    }
    attrs
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

/// `JsonSchema` of ours: `schema` makes it, from a `generator`.
pub(crate) fn json_schema(ident: &Ident, krate: &CratePath, schema: &TokenStream) -> TokenStream {
    let private = quote!(#krate::__private);
    let name = ident.unraw().to_string();
    quote! {
        #[automatically_derived]
        impl #private::schemars::JsonSchema for #ident {
            fn schema_name() -> #private::std::borrow::Cow<'static, ::core::primitive::str> {
                #private::std::borrow::Cow::Borrowed(#name)
            }

            fn schema_id() -> #private::std::borrow::Cow<'static, ::core::primitive::str> {
                #private::std::borrow::Cow::Borrowed(::core::concat!(::core::module_path!(), "::", #name))
            }

            fn json_schema(generator: &mut #private::schemars::SchemaGenerator) -> #private::schemars::Schema {
                #schema
            }
        }
    }
}

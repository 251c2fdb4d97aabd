//! Impls for an item that was refused: they let the rest of the crate be checked, so that one
//! mistake is reported once. They never run: an error is always emitted with them.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, GenericParam, Item, Lifetime, LifetimeParam, parse_quote};

use crate::{crate_path::CratePath, derives, item_kind::type_of};

/// `Serialize`, `Deserialize` and `JsonSchema` for a type, unless it derives them.
pub(crate) fn wire_impls(item: &Item, krate: &CratePath) -> TokenStream {
    let Some((ident, generics, attrs)) = type_of(item) else { return TokenStream::new() };
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let private = quote!(#krate::__private);
    let present = derives::present(attrs);
    let missing = |name: &str| !present.iter().any(|derive| derive == name);
    let mut output = TokenStream::new();
    if missing("Serialize") {
        output.extend(quote! {
            impl #impl_generics #private::serde::Serialize for #ident #type_generics #where_clause {
                fn serialize<__S: #private::serde::Serializer>(
                    &self,
                    _: __S,
                ) -> ::core::result::Result<__S::Ok, __S::Error> {
                    ::core::unreachable!()
                }
            }
        });
    }
    if missing("Deserialize") {
        let mut with_de = generics.clone();
        let lifetime: Lifetime = parse_quote!('__de);
        with_de.params.insert(0, GenericParam::Lifetime(LifetimeParam::new(lifetime)));
        let (impl_generics, ..) = with_de.split_for_impl();
        output.extend(quote! {
            impl #impl_generics #private::serde::Deserialize<'__de> for #ident #type_generics #where_clause {
                fn deserialize<__D: #private::serde::Deserializer<'__de>>(
                    _: __D,
                ) -> ::core::result::Result<Self, __D::Error> {
                    ::core::unreachable!()
                }
            }
        });
    }
    if missing("JsonSchema") {
        output.extend(quote! {
            impl #impl_generics #private::schemars::JsonSchema for #ident #type_generics #where_clause {
                fn schema_name() -> #private::std::borrow::Cow<'static, ::core::primitive::str> {
                    ::core::unreachable!()
                }
                fn json_schema(_: &mut #private::schemars::SchemaGenerator) -> #private::schemars::Schema {
                    ::core::unreachable!()
                }
            }
        });
    }
    output
}

/// Removes `#[field]`, and what belongs to derives that are not there.
pub(crate) fn strip(item: &mut Item) {
    let present = type_of(item).map(|(_, _, attrs)| derives::present(attrs)).unwrap_or_default();
    let has = |name: &str| present.iter().any(|derive| derive == name);
    let keeps_serde = has("Serialize") || has("Deserialize") || has("JsonSchema");
    let keeps_schemars = has("JsonSchema");
    let clean = |attrs: &mut Vec<Attribute>| {
        attrs.retain(|attr| {
            !attr.path().is_ident("field")
                && (keeps_serde || !attr.path().is_ident("serde"))
                && (keeps_schemars || !attr.path().is_ident("schemars"))
        });
    };
    match item {
        Item::Struct(item) => {
            clean(&mut item.attrs);
            item.fields.iter_mut().for_each(|field| clean(&mut field.attrs));
        }
        Item::Enum(item) => {
            clean(&mut item.attrs);
            for variant in &mut item.variants {
                clean(&mut variant.attrs);
                variant.fields.iter_mut().for_each(|field| clean(&mut field.attrs));
            }
        }
        Item::Union(item) => {
            clean(&mut item.attrs);
            item.fields.named.iter_mut().for_each(|field| clean(&mut field.attrs));
        }
        _ => {}
    }
}

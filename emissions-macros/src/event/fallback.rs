//! What stands in for an event that has no model: its item, and impls that let the rest of the
//! crate be checked. They never run: an error is always emitted with them.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, GenericParam, Item, Lifetime, LifetimeParam, parse_quote};

use super::{model::FieldOptions, options::Options};
use crate::{derives, diag::Diagnostics, item_kind::type_of};

/// The item without our attributes, with an `impl Event` if it defines a type.
pub(crate) fn fallback(mut item: Item, options: &Options) -> TokenStream {
    strip(&mut item);
    let Some((ident, generics, attrs)) = type_of(&item) else { return item.into_token_stream() };
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let krate = &options.krate;
    let private = quote!(#krate::__private);
    let present = derives::present(attrs);
    let missing = |name: &str| !present.iter().any(|derive| derive == name);
    let name = options.name.as_ref().map_or_else(String::new, syn::LitStr::value);
    let version = options.version;

    let serialize = missing("Serialize").then(|| {
        quote! {
            impl #impl_generics #private::serde::Serialize for #ident #type_generics #where_clause {
                fn serialize<__S: #private::serde::Serializer>(
                    &self,
                    _: __S,
                ) -> ::core::result::Result<__S::Ok, __S::Error> {
                    ::core::unreachable!()
                }
            }
        }
    });
    let deserialize = missing("Deserialize").then(|| {
        let mut with_de = generics.clone();
        let lifetime: Lifetime = parse_quote!('__de);
        with_de.params.insert(0, GenericParam::Lifetime(LifetimeParam::new(lifetime)));
        let (impl_generics, ..) = with_de.split_for_impl();
        quote! {
            impl #impl_generics #private::serde::Deserialize<'__de> for #ident #type_generics #where_clause {
                fn deserialize<__D: #private::serde::Deserializer<'__de>>(
                    _: __D,
                ) -> ::core::result::Result<Self, __D::Error> {
                    ::core::unreachable!()
                }
            }
        }
    });
    let json_schema = missing("JsonSchema").then(|| {
        quote! {
            impl #impl_generics #private::schemars::JsonSchema for #ident #type_generics #where_clause {
                fn schema_name() -> #private::std::borrow::Cow<'static, ::core::primitive::str> {
                    ::core::unreachable!()
                }
                fn json_schema(_: &mut #private::schemars::SchemaGenerator) -> #private::schemars::Schema {
                    ::core::unreachable!()
                }
            }
        }
    });
    let bounds = (!generics.params.is_empty()).then(|| {
        let predicates = where_clause.map(|clause| &clause.predicates).into_iter().flatten();
        quote! {
            where
                #(#predicates,)*
                Self: #private::serde::Serialize
                    + #private::serde::de::DeserializeOwned
                    + #private::schemars::JsonSchema
                    + ::core::marker::Send
                    + ::core::marker::Sync
                    + 'static,
        }
    });
    quote! {
        #item

        const _: () = {
            #serialize
            #deserialize
            #json_schema
            impl #impl_generics #private::Event for #ident #type_generics #bounds {
                const NAME: &'static ::core::primitive::str = #name;
                const VERSION: ::core::primitive::u32 = #version;

                fn descriptor() -> &'static #private::EventDescriptor {
                    ::core::unreachable!()
                }
            }
        };
    }
}

/// Removes `#[field]`, and what belongs to derives that are not there.
fn strip(item: &mut Item) {
    let present = type_of(item).map(|(_, _, attrs)| derives::present(attrs)).unwrap_or_default();
    let has = |name: &str| present.iter().any(|derive| derive == name);
    let keeps_serde = has("Serialize") || has("Deserialize") || has("JsonSchema");
    let keeps_schemars = has("JsonSchema");
    // What is stripped here has been read, or belongs to an item that is refused as a whole.
    let unread = Diagnostics::new();
    let clean = |attrs: &mut Vec<Attribute>| {
        let _ = FieldOptions::take(attrs, &unread);
        attrs.retain(|attr| {
            !(attr.path().is_ident("serde") && !keeps_serde || attr.path().is_ident("schemars") && !keeps_schemars)
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
    unread.discard();
}

//! What stands in for an event that has no model.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Item;

use super::options::Options;
use crate::{item_kind::type_of, stand_in};

/// The item without our attributes, with an `impl Event` if it defines a type.
pub(crate) fn fallback(mut item: Item, options: &Options) -> TokenStream {
    stand_in::strip(&mut item);
    let krate = &options.krate;
    let wire_impls = stand_in::wire_impls(&item, krate);
    let Some((ident, generics, _)) = type_of(&item) else { return item.into_token_stream() };
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let private = quote!(#krate::__private);
    let name = options.name.as_ref().map_or_else(String::new, syn::LitStr::value);
    let version = options.version;
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
            #wire_impls

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

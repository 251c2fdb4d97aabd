//! The newtype with its derives and `impl SharedField`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Item, ext::IdentExt};

use super::model::{Model, Options};
use crate::{crate_path::CratePath, derives, doc_text::doc_text, item_kind::type_of, location::location, stand_in};

/// Everything `#[shared_field]` emits.
pub(crate) fn shared_field(options: &Options, model: &Model) -> TokenStream {
    let krate = &options.krate;
    let mut item = model.item.clone();
    let derives = derives::missing(&item.attrs, krate);
    let transparent = derives::transparent(&item.attrs);
    if model.string
        && let Some(field) = item.fields.iter_mut().next()
    {
        field.attrs.extend(derives::integer_text(&model.inner, krate));
    }
    let ident = &item.ident;
    let inner = &model.inner;
    let descriptor = descriptor(options, model);
    quote! {
        #derives
        #transparent
        #item

        const _: () = {
            static __EMISSIONS_SHARED_FIELD: #krate::__private::SharedFieldDescriptor = #descriptor;

            #[automatically_derived]
            impl #krate::__private::SharedField for #ident {
                fn shared_field() -> &'static #krate::__private::SharedFieldDescriptor {
                    &__EMISSIONS_SHARED_FIELD
                }
            }

            #[automatically_derived]
            impl #krate::__private::SharedValue for #ident {
                type Value = #inner;

                fn shared_value(&self) -> &#inner {
                    &self.0
                }
            }
        };
    }
}

fn descriptor(options: &Options, model: &Model) -> TokenStream {
    let Options { name, krate } = options;
    let name = name.as_ref().map_or_else(|| String::new().into_token_stream(), ToTokens::to_token_stream);
    let ident = &model.item.ident;
    let path_name = ident.unraw().to_string();
    let location = location(ident, krate);
    let doc = doc_text(&model.item.attrs);
    quote! {
        #krate::__private::SharedFieldDescriptor {
            name: #name,
            rust_path: ::core::concat!(::core::module_path!(), "::", #path_name),
            location: #location,
            doc: #doc,
        }
    }
}

/// What stands in for a shared field that has no model.
pub(crate) fn fallback(mut item: Item, options: &Options) -> TokenStream {
    stand_in::strip(&mut item);
    let krate: &CratePath = &options.krate;
    let wire_impls = stand_in::wire_impls(&item, krate);
    let Some((ident, generics, _)) = type_of(&item) else { return item.into_token_stream() };
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    quote! {
        #item

        const _: () = {
            #wire_impls

            impl #impl_generics #krate::__private::SharedField for #ident #type_generics #where_clause {
                fn shared_field() -> &'static #krate::__private::SharedFieldDescriptor {
                    ::core::unreachable!()
                }
            }
        };
    }
}

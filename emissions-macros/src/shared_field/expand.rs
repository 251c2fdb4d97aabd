//! The newtype with its derives and `impl SharedField`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{Item, ext::IdentExt};

use super::model::{Model, Options};
use crate::{
    crate_path::{CratePath, generated_at},
    derives::{self, SchemaBy},
    doc_text::doc_text,
    item_kind::type_of,
    location::location,
    stand_in,
};

/// Everything `#[shared_field]` emits.
pub(crate) fn shared_field(options: &Options, model: &Model) -> TokenStream {
    let krate = &options.krate;
    let mut item = model.item.clone();
    let transparent = derives::transparent(&item.attrs);
    // What schemars knows of `try_from` and `into`, we don't.
    let schema = if transparent.is_some() { SchemaBy::of(&item) } else { SchemaBy::Derive };
    let derives = derives::missing(&item.attrs, krate, schema);
    let json_schema = (schema == SchemaBy::Us).then(|| json_schema(options, model));
    if model.string
        && let Some(field) = item.fields.iter_mut().next()
    {
        field.attrs.extend(derives::integer_text(&model.inner, krate, schema));
    }
    let ident = &item.ident;
    let inner = &model.inner;
    let descriptor = descriptor(options, model);
    let wide = if model.string {
        quote!(false)
    } else {
        quote! {{
            #[allow(unused_imports)]
            use #krate::__private::NotWide as _;
            <#krate::__private::FieldType<#inner>>::WIDE
        }}
    };
    quote! {
        #derives
        #transparent
        #item

        const _: () = {
            #json_schema

            static __EMISSIONS_SHARED_FIELD: #krate::__private::SharedFieldDescriptor = #descriptor;

            #[automatically_derived]
            impl #krate::__private::SharedField for #ident {
                fn shared_field() -> &'static #krate::__private::SharedFieldDescriptor {
                    &__EMISSIONS_SHARED_FIELD
                }
            }

            #[automatically_derived]
            impl #krate::__private::SharedWidth for #ident {
                const WIDE: ::core::primitive::bool = #wide;
            }

            #[automatically_derived]
            impl #krate::__private::SharedKey for #ident {
                const HAS_TEXT: ::core::primitive::bool = {
                    #[allow(unused_imports)]
                    use #krate::__private::NoText as _;
                    <#krate::__private::FieldType<#inner>>::HAS_TEXT
                };

                fn key_text(
                    &self,
                ) -> ::core::option::Option<#krate::__private::std::borrow::Cow<'static, ::core::primitive::str>> {
                    #[allow(unused_imports)]
                    use #krate::__private::{NoneAtAll as _, TextOrNone as _};
                    (&#krate::__private::KeyOf(&self.0)).text_or_none()
                }
            }
        };
    }
}

/// `JsonSchema`: that of the value, with the newtype's own words.
fn json_schema(options: &Options, model: &Model) -> TokenStream {
    let krate = &options.krate;
    let private = quote!(#krate::__private);
    let ident = &model.item.ident;
    let doc = doc_text(&model.item.attrs);
    let inner = &model.inner;
    let span = generated_at(inner);
    let located = krate.at(span);
    let value = if model.string { quote_spanned!(span=> #located::__private::AsText<#inner>) } else { quote!(#inner) };
    derives::json_schema(ident, krate, &quote!(#private::value_schema::<#value>(generator, #doc)))
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

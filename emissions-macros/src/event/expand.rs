//! The item with its derives, `impl Event`, and the registration.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{Attribute, LitStr, ext::IdentExt};

use super::{
    model::{Field, Model},
    options::{Delivery, Gate, OnEmpty, Options},
    types::{self, is_option},
};
use crate::{
    crate_path::{CratePath, generated_at},
    derives::{self, SchemaBy},
    doc_text::doc_text,
    location::location,
};

/// Everything `#[event]` emits for an event without faults.
pub(crate) fn event(options: &Options, model: &Model) -> TokenStream {
    let krate = &options.krate;
    let item = &model.item;
    let ident = &item.ident;
    let schema = SchemaBy::of(item);
    let derives = derives::missing(&item.attrs, krate, schema);
    let json_schema = (schema == SchemaBy::Us).then(|| json_schema(options, model));
    let item = item_with_field_attributes(options, model, schema);
    let name = options.name.as_ref().map_or_else(String::new, LitStr::value);
    let version = options.version;
    let partition_key = partition_key(krate, model);
    let bulk_len = bulk_len(options, model);
    let descriptor = descriptor(options, model, &name);
    let shapes = model
        .fields
        .iter()
        .filter(|field| !field.serde.skipped() && field.options.string.is_none())
        .map(|field| shape_check(field, krate));
    quote! {
        #derives
        #item

        const _: () = {
            #(#shapes)*
            #json_schema

            #[automatically_derived]
            impl #krate::__private::Event for #ident {
                const NAME: &'static ::core::primitive::str = #name;
                const VERSION: ::core::primitive::u32 = #version;

                fn descriptor() -> &'static #krate::__private::EventDescriptor {
                    &__EMISSIONS_DESCRIPTOR
                }

                #partition_key
                #bulk_len
            }

            static __EMISSIONS_SLOT: #krate::__private::EventSlot = #krate::__private::EventSlot::new();
            static __EMISSIONS_DESCRIPTOR: #krate::__private::EventDescriptor = #descriptor;
            #krate::__private::inventory::submit! { &__EMISSIONS_DESCRIPTOR }
        };
    }
}

/// The user's struct, its fields told to serde and schemars what `#[field]` said.
fn item_with_field_attributes(options: &Options, model: &Model, schema: SchemaBy) -> TokenStream {
    let mut item = model.item.clone();
    let krate = &options.krate;
    for (field, known) in item.fields.iter_mut().zip(&model.fields) {
        if known.options.sensitive.is_some() && schema == SchemaBy::Derive {
            field.attrs.push(syn::parse_quote!(#[schemars(extend("x-sensitive" = true))]));
        }
        if known.options.string.is_some() {
            field.attrs.extend(derives::integer_text(&known.ty, krate, schema));
            // `with` would make an option that is absent an error.
            if is_option(&known.ty) && !known.serde.has("default") {
                field.attrs.push(syn::parse_quote!(#[serde(default)]));
                if schema == SchemaBy::Derive {
                    // Or schemars would write the default down, by code that names `serde`.
                    field.attrs.push(syn::parse_quote!(#[schemars(!default)]));
                }
            }
        }
    }
    item.into_token_stream()
}

/// `JsonSchema`, from the same attributes that serde reads.
fn json_schema(options: &Options, model: &Model) -> TokenStream {
    let krate = &options.krate;
    let private = quote!(#krate::__private);
    let ident = &model.item.ident;
    let doc = doc_text(&model.item.attrs);
    let closed = model.serde.has("deny_unknown_fields");
    let all_default = model.serde.has("default");
    let fields = model.fields.iter().filter(|field| !field.serde.skipped()).map(|field| {
        let Field { ident: _, ty, attrs, serde, wire_name, options } = field;
        let cfg = attrs.iter().filter(|attr| is_cfg(attr));
        let doc = doc_text(attrs);
        let always_written = !serde.has("skip_serializing_if");
        let always_read = !(all_default || serde.has("default") || serde.has("skip_deserializing") || is_option(ty));
        let sensitive = options.sensitive.is_some();
        let span = generated_at(ty);
        let located = krate.at(span);
        let schema = if options.string.is_some() {
            quote_spanned!(span=> #located::__private::field_schema::<#located::__private::AsText<#ty>>)
        } else {
            quote_spanned!(span=> #located::__private::field_schema::<#ty>)
        };
        quote! {
            #(#cfg)*
            #private::FieldSchema {
                name: #wire_name,
                doc: #doc,
                always_written: #always_written,
                always_read: #always_read,
                sensitive: #sensitive,
                schema: #schema,
            }
        }
    });
    let schema = quote!(#private::object_schema(generator, #doc, #closed, &[#(#fields),*]));
    derives::json_schema(ident, krate, &schema)
}

fn partition_key(krate: &CratePath, model: &Model) -> Option<TokenStream> {
    let field = model.fields.iter().find(|field| field.options.key.is_some())?;
    let ident = &field.ident;
    let span = generated_at(&field.ty);
    let located = krate.at(span);
    let key = quote_spanned!(span=> (&&#located::__private::KeyOf(field)).key_text());
    // The name of the variable is the same to both parts.
    let field = quote_spanned!(span=> field);
    let cfg = cfg_of(model, ident);
    Some(quote! {
        #cfg
        fn partition_key(
            &self,
        ) -> ::core::option::Option<#krate::__private::std::borrow::Cow<'_, ::core::primitive::str>> {
            #[allow(unused_imports)]
            use #krate::__private::{KeyByDisplay as _, KeyByValue as _, NoKey as _};
            let #field = &self.#ident;
            #key
        }
    })
}

fn bulk_len(options: &Options, model: &Model) -> Option<TokenStream> {
    let (bulk, _) = options.bulk.as_ref()?;
    model.fields.iter().find(|field| field.ident == *bulk)?;
    let span = generated_at(bulk);
    let located = options.krate.at(span);
    let len = quote_spanned!(span=> #located::__private::bulk_len(field));
    let field = quote_spanned!(span=> field);
    let cfg = cfg_of(model, bulk);
    Some(quote! {
        #cfg
        fn bulk_len(&self) -> ::core::option::Option<::core::primitive::usize> {
            let #field = &self.#bulk;
            ::core::option::Option::Some(#len)
        }
    })
}

fn descriptor(options: &Options, model: &Model, name: &str) -> TokenStream {
    let Options { name: _, version, gate, bulk, owner, deprecated, delivery, allow_tense, krate } = options;
    let private = quote!(#krate::__private);
    let ident = &model.item.ident;
    let path_name = ident.unraw().to_string();
    let location = location(ident, krate);
    let doc = doc_text(&model.item.attrs);
    let fields = model.fields.iter().filter(|field| !field.serde.skipped()).map(|field| field_descriptor(field, krate));
    let gate = match gate {
        Gate::AtLeast(min) => quote!(#private::GateRule::AtLeast(#min)),
        Gate::AllowNone => quote!(#private::GateRule::AllowNone),
    };
    let bulk = optional(bulk.as_ref().map(|(field, on_empty)| {
        let field = field.unraw().to_string();
        let on_empty = match on_empty {
            OnEmpty::Open => quote!(Open),
            OnEmpty::Refuse => quote!(Refuse),
        };
        quote!(#private::BulkRule { field: #field, on_empty: #private::OnEmpty::#on_empty })
    }));
    let owner = optional(owner.as_ref());
    let deprecated = optional(deprecated.as_ref());
    let allow_tense = optional(allow_tense.as_ref());
    let delivery = match delivery {
        Delivery::BestEffort => quote!(BestEffort),
        Delivery::Durable => quote!(Durable),
        Delivery::DurableOrdered => quote!(DurableOrdered),
    };
    quote! {
        #private::EventDescriptor {
            name: #name,
            version: #version,
            rust_path: ::core::concat!(::core::module_path!(), "::", #path_name),
            crate_name: ::core::env!("CARGO_PKG_NAME"),
            location: #location,
            doc: #doc,
            fields: &[#(#fields),*],
            gate: #gate,
            bulk: #bulk,
            owner: #owner,
            deprecated: #deprecated,
            delivery: #private::DeliveryNeed::#delivery,
            allow_tense: #allow_tense,
            schema: #private::schema_of::<#ident>,
            type_id: ::core::any::TypeId::of::<#ident>,
            slot: &__EMISSIONS_SLOT,
            plan: #private::plan_of::<#ident>,
        }
    }
}

/// Sees through aliases what `check` can't: stops the compiler at the type.
fn shape_check(field: &Field, krate: &CratePath) -> TokenStream {
    let ty = &field.ty;
    let cfg = field.attrs.iter().filter(|attr| is_cfg(attr));
    let span = generated_at(ty);
    let krate = krate.at(span);
    let cfg = quote!(#(#cfg)*);
    let key = field.options.key.is_some().then(|| {
        quote_spanned! {span=>
            #cfg
            const _: () = {
                #[allow(unused_imports)]
                use #krate::__private::{NoText as _, NotSharedKey as _};
                if !<#krate::__private::FieldType<#ty>>::HAS_TEXT {
                    #krate::__private::accept_shape(<#krate::__private::FieldType<#ty>>::NO_KEY)
                }
            };
        }
    });
    quote_spanned! {span=>
        #cfg
        const _: () = {
            #[allow(unused_imports)]
            use #krate::__private::NotRefused as _;
            #krate::__private::accept_shape(<#krate::__private::FieldType<#ty>>::REFUSED)
        };
        #key
    }
}

fn field_descriptor(field: &Field, krate: &CratePath) -> TokenStream {
    let Field { ident, ty, attrs, serde: _, wire_name, options } = field;
    let private = quote!(#krate::__private);
    let cfg = attrs.iter().filter(|attr| is_cfg(attr));
    let name = ident.unraw().to_string();
    let type_text = types::type_text(ty);
    let doc = doc_text(attrs);
    let location = location(ident, krate);
    let key = options.key.is_some();
    let sensitive = options.sensitive.is_some();
    let as_string = options.string.is_some();
    let allow_ambiguous = optional(options.allow_ambiguous.as_ref().map(LitStr::value));
    let wide_integer = if as_string {
        quote!(false)
    } else {
        quote! {{
            #[allow(unused_imports)]
            use #private::{NotWide as _, NotWideInside as _};
            <#private::FieldType<#ty>>::WIDE || <#private::FieldType<#ty>>::WIDE_INSIDE
        }}
    };
    quote! {
        #(#cfg)*
        #private::FieldDescriptor {
            name: #name,
            wire_name: #wire_name,
            type_text: #type_text,
            type_name: ::core::any::type_name::<#ty>,
            type_id: ::core::any::TypeId::of::<#ty>,
            value_type_id: || {
                #[allow(unused_imports)]
                use #private::NotOptional as _;
                <#private::FieldType<#ty>>::new().value_type()
            },
            doc: #doc,
            location: #location,
            key: #key,
            sensitive: #sensitive,
            as_string: #as_string,
            wide_integer: #wide_integer,
            allow_ambiguous: #allow_ambiguous,
            shared: || {
                #[allow(unused_imports)]
                use #private::NotShared as _;
                <#private::FieldType<#ty>>::new().shared()
            },
        }
    }
}

/// `#[cfg]` of a field, for what reads the field.
fn cfg_of(model: &Model, ident: &syn::Ident) -> TokenStream {
    let field = model.fields.iter().find(|field| field.ident == *ident);
    let cfg = field.into_iter().flat_map(|field| &field.attrs).filter(|attr| is_cfg(attr));
    quote!(#(#cfg)*)
}

fn is_cfg(attr: &Attribute) -> bool {
    attr.path().is_ident("cfg")
}

fn optional(value: Option<impl ToTokens>) -> TokenStream {
    value.map_or_else(|| quote!(::core::option::Option::None), |value| quote!(::core::option::Option::Some(#value)))
}

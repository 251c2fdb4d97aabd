//! What an item is, as its keyword says.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Generics, Item};

/// Name of the kind of item, and the tokens to point at.
pub(crate) fn item_kind(item: &Item) -> (&'static str, TokenStream) {
    match item {
        Item::Enum(item) => ("an enum", item.enum_token.to_token_stream()),
        Item::Union(item) => ("a union", item.union_token.to_token_stream()),
        Item::Struct(item) => ("a struct", item.struct_token.to_token_stream()),
        Item::Fn(item) => ("a function", item.sig.to_token_stream()),
        Item::Impl(item) => ("an impl", item.impl_token.to_token_stream()),
        Item::Trait(item) => ("a trait", item.trait_token.to_token_stream()),
        Item::Mod(item) => ("a module", item.mod_token.to_token_stream()),
        Item::Type(item) => ("a type alias", item.type_token.to_token_stream()),
        Item::Const(item) => ("a constant", item.const_token.to_token_stream()),
        Item::Static(item) => ("a static", item.static_token.to_token_stream()),
        other => ("another item", other.to_token_stream()),
    }
}

/// Name and generics of an item that defines a type.
pub(crate) fn type_of(item: &Item) -> Option<(&syn::Ident, &Generics, &[syn::Attribute])> {
    match item {
        Item::Struct(item) => Some((&item.ident, &item.generics, &item.attrs)),
        Item::Enum(item) => Some((&item.ident, &item.generics, &item.attrs)),
        Item::Union(item) => Some((&item.ident, &item.generics, &item.attrs)),
        _ => None,
    }
}

//! The newtype as the macro sees it.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Fields, Item, ItemStruct, LitStr, Type};

use crate::{
    args::Args,
    crate_path::CratePath,
    diag::Diagnostics,
    event::FieldOptions,
    item_kind::{item_kind, type_of},
};

/// What stands between the parentheses of `#[shared_field(..)]`.
pub(crate) struct Options {
    pub(crate) name: Option<LitStr>,
    pub(crate) krate: CratePath,
}

impl Options {
    pub(crate) fn parse(tokens: TokenStream, diag: &Diagnostics) -> Self {
        let args = Args::parse(tokens, "#[shared_field]", &["name", "crate"], diag);
        let name = args.string("name", "name = \"user_id\"");
        if !args.malformed() && args.key("name").is_none() {
            diag.at_call_site(
                "`#[shared_field]` has no name\nwrite `#[shared_field(name = \"user_id\")]`: the one name under which events carry it",
            );
        }
        Self { name, krate: CratePath::new(args.path("crate", "crate = path::to::emissions")) }
    }
}

/// A tuple struct with one field and no generics.
pub(crate) struct Model {
    /// The item, without `#[field]`.
    pub(crate) item: ItemStruct,
    pub(crate) inner: Type,
    /// Whether the integer inside is written as a string.
    pub(crate) string: bool,
}

impl Model {
    /// Reads the item; one that can't be a shared field comes back as it is, and is reported.
    pub(crate) fn new(item: Item, diag: &Diagnostics) -> Result<Self, Box<Item>> {
        let name = type_of(&item).map_or_else(|| "UserId".to_owned(), |(ident, ..)| ident.to_string());
        let help = format!("write a newtype around the value: `struct {name}(u64);`");
        let (kind, place) = item_kind(&item);
        let Item::Struct(mut item) = item else {
            diag.error(
                place,
                format!("`#[shared_field]` is on {kind}, and a shared field is a struct around one value\n{help}"),
            );
            return Err(Box::new(item));
        };
        let mut refused = false;
        let mut refuse = |tokens: &dyn ToTokens, message: String| {
            refused = true;
            diag.error(tokens, message);
        };
        let ident = &item.ident;
        match &item.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {}
            Fields::Unnamed(fields) if fields.unnamed.is_empty() => {
                refuse(fields, format!("`{ident}` holds nothing, and a shared field is one value\n{help}"));
            }
            Fields::Unnamed(fields) => {
                refuse(
                    fields,
                    format!("`{ident}` holds {} values, and a shared field is one\n{help}", fields.unnamed.len()),
                );
            }
            Fields::Named(fields) => {
                refuse(fields, format!("`{ident}` has named fields, and a shared field is one value\n{help}"));
            }
            Fields::Unit => refuse(ident, format!("`{ident}` holds nothing, and a shared field is one value\n{help}")),
        }
        for param in &item.generics.params {
            refuse(
                param,
                "a shared field is one type, so that it means one thing everywhere\nwrite the concrete type".to_owned(),
            );
        }
        let field = item.fields.iter_mut().next();
        let (false, Some(field)) = (refused, field) else { return Err(Box::new(Item::Struct(item))) };
        let FieldOptions { key, sensitive, string, allow_ambiguous, keeps_its_name: _ } =
            FieldOptions::take(&mut field.attrs, diag);
        for (key, there) in [
            ("key", key.map(ToTokens::into_token_stream)),
            ("sensitive", sensitive.map(ToTokens::into_token_stream)),
            ("allow_ambiguous", allow_ambiguous.map(ToTokens::into_token_stream)),
        ] {
            if let Some(there) = there {
                diag.error(
                    there,
                    format!("`{key}` is said of an event's field, not of the type\nmove `#[field({key})]` to the events that carry it"),
                );
            }
        }
        let inner = field.ty.clone();
        Ok(Self { item, inner, string: string.is_some() })
    }
}

//! The struct as the macro sees it: every field with its tokens.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Fields, Ident, Item, ItemStruct, LitStr, Meta, Type, ext::IdentExt};

use super::serde_attrs::{ContainerSerde, FieldSerde};
use crate::{args::Args, diag::Diagnostics};

/// A struct with named fields and no generics.
pub(crate) struct Model {
    /// The item, without `#[field]` attributes.
    pub(crate) item: ItemStruct,
    pub(crate) serde: ContainerSerde,
    pub(crate) fields: Vec<Field>,
}

/// One field, with what its attributes say.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    /// Its attributes without `#[field]`.
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) serde: FieldSerde,
    /// Name on the wire.
    pub(crate) wire_name: String,
    pub(crate) options: FieldOptions,
}

/// What `#[field(..)]` says.
#[derive(Default)]
pub(crate) struct FieldOptions {
    pub(crate) key: Option<Ident>,
    pub(crate) sensitive: bool,
    pub(crate) string: Option<Ident>,
    pub(crate) allow_ambiguous: Option<LitStr>,
}

impl Model {
    /// Reads the item; `Err` is what to emit where it has no such model.
    pub(crate) fn parse(tokens: TokenStream, diag: &Diagnostics) -> Result<Self, TokenStream> {
        let item: Item = match syn::parse2(tokens.clone()) {
            Ok(item) => item,
            Err(error) => {
                diag.absorb(error);
                return Err(tokens);
            }
        };
        let Item::Struct(mut item) = item else {
            diag.error(&tokens, "`#[event]` goes on a struct with named fields");
            return Err(tokens);
        };
        let Fields::Named(named) = &mut item.fields else {
            diag.error(&item, "`#[event]` goes on a struct with named fields");
            return Err(item.into_token_stream());
        };
        let serde = ContainerSerde::read(&item.attrs);
        let fields = named
            .named
            .iter_mut()
            .filter_map(|field| {
                let options = FieldOptions::take(&mut field.attrs, diag);
                let ident = field.ident.clone()?;
                let serde_attrs = FieldSerde::read(&field.attrs);
                let wire_name = match &serde_attrs.rename {
                    Some(name) => name.value(),
                    None => serde.rename_all.apply(&ident.unraw().to_string()),
                };
                Some(Field {
                    ident,
                    ty: field.ty.clone(),
                    attrs: field.attrs.clone(),
                    serde: serde_attrs,
                    wire_name,
                    options,
                })
            })
            .collect();
        Ok(Self { item, serde, fields })
    }
}

impl FieldOptions {
    /// Reads all `#[field(..)]` of one field and removes them.
    pub(crate) fn take(attrs: &mut Vec<Attribute>, diag: &Diagnostics) -> Self {
        let mut tokens = TokenStream::new();
        attrs.retain(|attr| {
            if !attr.path().is_ident("field") {
                return true;
            }
            match &attr.meta {
                Meta::List(list) => {
                    let list = &list.tokens;
                    tokens.extend(quote!(#list,));
                }
                Meta::Path(_) | Meta::NameValue(_) => {
                    diag.error(attr, "`#[field]` says nothing\nwrite `#[field(key)]`, `#[field(sensitive)]`, `#[field(string)]` or `#[field(allow_ambiguous = \"why\")]`");
                }
            }
            false
        });
        let args = Args::parse(tokens, "#[field]", &["key", "sensitive", "string", "allow_ambiguous"], diag);
        let allow_ambiguous = args.string("allow_ambiguous", "allow_ambiguous = \"name fixed by a partner\"");
        if let Some(reason) = &allow_ambiguous
            && reason.value().trim().is_empty()
        {
            diag.error(reason, "`allow_ambiguous` needs a reason\nwrite why the name can't be a better one");
        }
        Self {
            key: args.flag("key").then(|| args.key("key").cloned()).flatten(),
            sensitive: args.flag("sensitive"),
            string: args.flag("string").then(|| args.key("string").cloned()).flatten(),
            allow_ambiguous,
        }
    }
}

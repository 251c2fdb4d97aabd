//! The struct as the macro sees it: every field with its tokens.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Fields, GenericParam, Ident, Item, ItemStruct, LitStr, Meta, Type, ext::IdentExt};

use super::serde_attrs::{ContainerSerde, FieldSerde};
use crate::{args::Args, diag::Diagnostics, item_kind::item_kind};

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
    pub(crate) sensitive: Option<Ident>,
    pub(crate) string: Option<Ident>,
    pub(crate) allow_ambiguous: Option<LitStr>,
    /// Whether `allow_ambiguous` is there at all, well written or not.
    pub(crate) keeps_its_name: bool,
}

impl Model {
    /// Reads the item; one that can't be an event comes back as it is, and is reported.
    pub(crate) fn new(item: Item, diag: &Diagnostics) -> Result<Self, Box<Item>> {
        let (kind, place) = item_kind(&item);
        let Item::Struct(mut item) = item else {
            let help = match kind {
                "an enum" => "write a struct per variant: each is an event of its own, with its own name",
                "a union" => "write a struct: every field of an event is there",
                _ => "put it on the struct that is the payload",
            };
            diag.error(place, format!("`#[event]` is on {kind}, and an event is a struct with named fields\n{help}"));
            return Err(Box::new(item));
        };
        let refused = structure(&item, diag);
        let Fields::Named(named) = &mut item.fields else { return Err(Box::new(Item::Struct(item))) };
        if refused {
            return Err(Box::new(Item::Struct(item)));
        }
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

/// Whether the struct has a form that no event has.
fn structure(item: &ItemStruct, diag: &Diagnostics) -> bool {
    let ident = &item.ident;
    match &item.fields {
        Fields::Named(_) => {}
        Fields::Unnamed(fields) => diag.error(
            fields,
            format!("the fields of `{ident}` have no names\nwrite a struct with named fields: the names are what readers see"),
        ),
        Fields::Unit => diag.error(
            ident,
            format!("`{ident}` is a unit struct, which is `null` on the wire and can never get a field\nwrite `struct {ident} {{}}`"),
        ),
    }
    for param in &item.generics.params {
        let message = match param {
            GenericParam::Lifetime(_) => {
                "an event borrows nothing: it outlives whoever emits it\nmake the fields owned, such as `String` for `&str`"
            }
            GenericParam::Type(_) => {
                "an event is one type, not a family of types\nwrite the concrete type, or a struct per type"
            }
            GenericParam::Const(_) => "an event is one type, not one per constant\nwrite the constant's value",
        };
        diag.error(param, message);
    }
    if item.generics.params.is_empty()
        && let Some(clause) = &item.generics.where_clause
    {
        diag.error(clause, "an event has no `where` clause\nleave it out: there is nothing generic to bound");
        return true;
    }
    !item.generics.params.is_empty() || !matches!(item.fields, Fields::Named(_))
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
        let flag = |key: &str| args.flag(key).then(|| args.key(key).cloned()).flatten();
        Self {
            key: flag("key"),
            sensitive: flag("sensitive"),
            string: flag("string"),
            keeps_its_name: args.key("allow_ambiguous").is_some(),
            allow_ambiguous,
        }
    }
}

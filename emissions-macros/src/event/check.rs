//! What an event may not have: keys that don't fit its fields, shapes that readers can't parse,
//! names that mean nothing. Nothing here emits code.

use quote::ToTokens;
use syn::{Meta, ext::IdentExt};

use super::{
    model::{Field, Model},
    names::{self, EventName},
    options::Options,
    types::{self, Shape},
};
use crate::diag::Diagnostics;

/// Reports everything wrong with an event whose structure is sound.
pub(crate) fn check(options: &Options, model: &Model, diag: &Diagnostics) {
    bulk_names_a_field(options, model, diag);
    one_key_in_the_open(model, diag);
    event_name(options, diag);
    container_shape(model, diag);
    let name = EventName::new(&options.name.as_ref().map_or_else(String::new, syn::LitStr::value));
    for field in model.fields.iter().filter(|field| !field.serde.skipped()) {
        field_shape(field, diag);
        field_name(field, &name, diag);
    }
    wire_names_differ(model, diag);
}

fn bulk_names_a_field(options: &Options, model: &Model, diag: &Diagnostics) {
    let Some((bulk, _)) = &options.bulk else { return };
    if model.fields.iter().any(|field| field.ident == *bulk) {
        return;
    }
    let fields = model.fields.iter().map(|field| format!("`{}`", field.ident)).collect::<Vec<_>>().join(", ");
    let help = if fields.is_empty() { "it has none".to_owned() } else { format!("its fields are {fields}") };
    diag.error(bulk, format!("`{bulk}` is no field of `{}`\n{help}", model.item.ident));
}

fn one_key_in_the_open(model: &Model, diag: &Diagnostics) {
    let mut keys = model.fields.iter().filter_map(|field| Some((field, field.options.key.as_ref()?)));
    let Some((field, first)) = keys.next() else { return };
    let mut second = false;
    for (_, key) in keys {
        second = true;
        diag.error(key, "an event has one key, and this is a second one\nkeep `#[field(key)]` on one field");
    }
    if second {
        diag.error(first, "the first key is here");
    }
    if field.options.sensitive.is_some() {
        diag.error(
            first,
            "a sensitive field can't be the key: the envelope carries the key in the open\nchoose another field, or give a key that reveals nothing at the emit: `emissions.emission(event).key(\"…\")`",
        );
    }
    if types::is_option(&field.ty) {
        diag.error(
            &field.ty,
            "the key of an event is never absent\nmark a field that always has a value, or give the key at the emit: `emissions.emission(event).key(\"…\")`",
        );
    }
}

fn event_name(options: &Options, diag: &Diagnostics) {
    let Some(name) = &options.name else { return };
    if let Some((fact, help)) = names::check_event_name(&name.value(), options.allow_tense.is_some()) {
        diag.error(name, format!("{fact}\n{help}"));
    }
}

/// Serde attributes of the struct after which the fields are not what the wire carries.
fn container_shape(model: &Model, diag: &Diagnostics) {
    hidden_serde(&model.item.attrs, diag);
    for meta in &model.serde.metas {
        let Some(key) = meta.path().get_ident() else { continue };
        let message = match key.to_string().as_str() {
            "untagged" => {
                "`untagged` leaves it to the reader to guess what the payload is\nleave it out: an event has one shape per version; see `emissions::naming::untagged`"
            }
            "tag" => {
                "`tag` adds a field that the struct does not declare\nleave it out: the envelope says which event it is"
            }
            "transparent" => {
                "`transparent` makes the payload something else than an object\nleave it out: a payload is an object, so that fields can be added"
            }
            "from" | "try_from" | "into" | "remote" => {
                "the payload would have the shape of another type, which nobody checks\nput `#[event]` on the type that goes on the wire"
            }
            _ => continue,
        };
        diag.error(meta, message);
    }
    one_name_both_ways(&model.serde.metas, "rename_all", "every field", diag);
}

/// Shapes that readers can't parse safely.
fn field_shape(field: &Field, diag: &Diagnostics) {
    hidden_serde(&field.attrs, diag);
    for meta in &field.serde.metas {
        if meta.path().is_ident("flatten") {
            diag.error(
                meta,
                "`flatten` puts fields into the payload that the struct does not declare\ngive the inner struct a field of its own, or declare its fields here; see `emissions::naming::flatten`",
            );
        }
    }
    one_name_both_ways(&field.serde.metas, "rename", "the field", diag);
    if let Some(string) = &field.options.string
        && let Some(text) = types::certainly_no_wide_integer(&field.ty)
    {
        diag.error(
            string,
            format!(
                "`string` is for 64-bit integers, and `{text}` is none\nleave it out: readers take `{text}` as it is"
            ),
        );
    }
    for part in types::unparseable(&field.ty) {
        if part.shape == Shape::TooWide && field.options.string.is_some() {
            continue;
        }
        diag.error(&part.tokens, part.message());
    }
}

/// A field whose writer and reader use different names is lost on the way.
fn one_name_both_ways(metas: &[Meta], key: &str, what: &str, diag: &Diagnostics) {
    for meta in metas {
        if let Meta::List(list) = meta
            && list.path.is_ident(key)
        {
            diag.error(
                meta,
                format!(
                    "`{key}` for one direction makes {what} written under one name and read under another\nwrite `{key} = \"…\"`; `alias = \"…\"` reads an older name too"
                ),
            );
        }
    }
}

/// What `cfg_attr` hides can't be checked, and one version of an event has one shape.
fn hidden_serde(attrs: &[syn::Attribute], diag: &Diagnostics) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("cfg_attr")) {
        let hidden = attr.meta.to_token_stream().into_iter().any(|token| match token {
            proc_macro2::TokenTree::Group(group) => group.stream().into_iter().any(|token| {
                matches!(&token, proc_macro2::TokenTree::Ident(ident)
                    if ["serde", "schemars", "field", "derive"].iter().any(|name| ident == name))
            }),
            _ => false,
        });
        if hidden {
            diag.error(
                attr,
                "the payload would depend on how the crate is compiled\nwrite the attribute without `cfg_attr`: one version of an event has one shape",
            );
        }
    }
}

fn field_name(field: &Field, event: &EventName, diag: &Diagnostics) {
    let kind = types::kind(&field.ty);
    let Some(finding) = names::check_field(&field.wire_name, kind, event) else { return };
    if finding.can_be_allowed && field.options.keeps_its_name {
        return;
    }
    match &field.serde.rename {
        Some(rename) => diag.error(rename, finding.message()),
        None => diag.error(&field.ident, finding.message()),
    }
}

/// Two fields under one name: readers keep one of them.
fn wire_names_differ(model: &Model, diag: &Diagnostics) {
    let on_wire: Vec<&Field> = model.fields.iter().filter(|field| !field.serde.skipped()).collect();
    for (index, field) in on_wire.iter().enumerate() {
        if let Some(first) = on_wire.iter().take(index).find(|first| first.wire_name == field.wire_name) {
            // The compiler reports two fields of one name in Rust.
            if first.ident.unraw() == field.ident.unraw() {
                continue;
            }
            let message = format!(
                "`{}` and `{}` are both `{}` on the wire\nrename one of the two",
                first.ident, field.ident, field.wire_name
            );
            match &field.serde.rename {
                Some(rename) => diag.error(rename, message),
                None => diag.error(&field.ident, message),
            }
        }
    }
}

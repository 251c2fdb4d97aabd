//! `#[listener]`: an `impl` block whose methods under `#[on_event]` are listeners.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Attribute, ImplItem, ItemImpl, Meta,
    parse::{Parse as _, Parser as _},
};

use crate::{args::Args, crate_path::CratePath, diag::Diagnostics, item::Function, item_kind::item_kind, on_event};

/// Expands the attribute.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let block = match syn::parse2::<ItemImpl>(item.clone()) {
        Ok(block) => block,
        Err(error) => {
            let errors = match syn::parse2::<syn::Item>(item.clone()) {
                Ok(other) => {
                    let (kind, tokens) = item_kind(&other);
                    let help = match other {
                        syn::Item::Fn(_) => "write `#[on_event]`: a function needs no `#[listener]`",
                        _ => "write `#[listener] impl YourType { … }` around the methods that listen",
                    };
                    syn::Error::new_spanned(
                        tokens,
                        format!("`#[listener]` is on {kind}, and belongs on an `impl`\n{help}"),
                    )
                }
                Err(_) => error,
            };
            let errors = errors.to_compile_error();
            return quote!(#item #errors);
        }
    };
    let diag = Diagnostics::new();
    let args = Args::parse(arguments, "listener", &["crate"], &diag);
    let krate = CratePath::new(args.path("crate", "crate = path::to::emissions"));
    drop(args);
    check(&block, &diag);
    if diag.any() {
        let mut block = block;
        strip(&mut block);
        let errors = diag.finish();
        return quote!(#block #errors);
    }
    expand_methods(block, &krate, diag)
}

fn check(block: &ItemImpl, diag: &Diagnostics) {
    if let Some((path, _)) = &block.trait_ {
        diag.error(
            path,
            "listeners are methods of a type, not of a trait\nmove them into an `impl` of the type itself",
        );
    }
    for parameter in &block.generics.params {
        diag.error(
            parameter,
            "a type with listeners can't be generic: its listeners are registered once\n\
             name the type, or use `Arc<dyn Trait>` inside it",
        );
    }
    let has_listener = block.items.iter().any(|item| on_event_attribute(attributes(item)).is_some());
    if !has_listener {
        diag.error(
            &block.self_ty,
            "there is no listener in this `impl`\nput `#[on_event]` on a method, or take `#[listener]` away",
        );
    }
}

fn expand_methods(mut block: ItemImpl, krate: &CratePath, diag: Diagnostics) -> TokenStream {
    let of = (*block.self_ty).clone();
    let mut registrations = TokenStream::new();
    for item in &mut block.items {
        let Some(position) = on_event_attribute(attributes(item)) else { continue };
        let attribute = take_attribute(item, position);
        let arguments = attribute.as_ref().map(arguments_of).unwrap_or_default();
        match Function::parse.parse2(item.to_token_stream()) {
            Ok(function) => {
                let output = on_event::expand_method(arguments, function, &of, krate, &diag);
                *item = ImplItem::Verbatim(output.function);
                registrations.extend(output.registration);
            }
            Err(_) => diag.error(&*item, "a listener is an `async fn`\nwrite `#[on_event]` on a method"),
        }
    }
    let errors = diag.finish();
    quote!(#block #registrations #errors)
}

fn attributes(item: &ImplItem) -> &[Attribute] {
    match item {
        ImplItem::Fn(method) => &method.attrs,
        ImplItem::Const(item) => &item.attrs,
        ImplItem::Type(item) => &item.attrs,
        ImplItem::Macro(item) => &item.attrs,
        _ => &[],
    }
}

/// By its last segment, however the crate is called.
fn on_event_attribute(attributes: &[Attribute]) -> Option<usize> {
    attributes
        .iter()
        .position(|attribute| attribute.path().segments.last().is_some_and(|segment| segment.ident == "on_event"))
}

fn take_attribute(item: &mut ImplItem, position: usize) -> Option<Attribute> {
    match item {
        ImplItem::Fn(method) => Some(method.attrs.remove(position)),
        ImplItem::Const(item) => Some(item.attrs.remove(position)),
        ImplItem::Type(item) => Some(item.attrs.remove(position)),
        ImplItem::Macro(item) => Some(item.attrs.remove(position)),
        _ => None,
    }
}

fn arguments_of(attribute: &Attribute) -> TokenStream {
    match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    }
}

/// Takes the marks off the methods, so that the rest of the crate still checks.
fn strip(block: &mut ItemImpl) {
    for item in &mut block.items {
        if let Some(position) = on_event_attribute(attributes(item)) {
            take_attribute(item, position);
        }
    }
}

//! `#[listener]`: an `impl` block whose methods under `#[on_event]` are listeners.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Meta};

use crate::{
    args::Args,
    crate_path::CratePath,
    diag::Diagnostics,
    impl_block::{ImplBlock, Member},
    item_kind::item_kind,
    on_event,
};

/// Expands the attribute.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut block = match ImplBlock::read(item.clone()) {
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
    check(&mut block, &diag);
    if diag.any() {
        strip(&mut block);
        let errors = diag.finish();
        return quote!(#block #errors);
    }
    expand_methods(block, &krate, diag)
}

fn check(block: &mut ImplBlock, diag: &Diagnostics) {
    if let Some((path, _)) = &block.item.trait_ {
        diag.error(
            path,
            "listeners are methods of a type, not of a trait\nmove them into an `impl` of the type itself",
        );
    }
    for parameter in &block.item.generics.params {
        diag.error(
            parameter,
            "a type with listeners can't be generic: its listeners are registered once\n\
             name the type, or use `Arc<dyn Trait>` inside it",
        );
    }
    // A member that cannot be read may be one: its own attribute has the word.
    let has_listener = block
        .members
        .iter_mut()
        .any(|member| matches!(member, Member::Tokens(_)) || on_event_attribute(member).is_some());
    if !has_listener {
        diag.error(
            &block.item.self_ty,
            "there is no listener in this `impl`\nput `#[on_event]` on a method, or take `#[listener]` away",
        );
    }
}

fn expand_methods(mut block: ImplBlock, krate: &CratePath, diag: Diagnostics) -> TokenStream {
    let of = (*block.item.self_ty).clone();
    let mut registrations = TokenStream::new();
    for member in &mut block.members {
        let Some(attribute) = take_attribute(member) else { continue };
        match std::mem::replace(member, Member::Tokens(TokenStream::new())) {
            Member::Function(function) => {
                let output = on_event::expand_method(arguments_of(&attribute), *function, &of, krate, &diag);
                *member = Member::Tokens(output.function);
                registrations.extend(output.registration);
            }
            other => {
                diag.error(&other, "a listener is an `async fn`\nwrite `#[on_event]` on a method");
                *member = other;
            }
        }
    }
    let errors = diag.finish();
    quote!(#block #registrations #errors)
}

/// By its last segment, however the crate is called.
fn on_event_attribute(member: &mut Member) -> Option<usize> {
    member
        .attributes_mut()?
        .iter()
        .position(|attribute| attribute.path().segments.last().is_some_and(|segment| segment.ident == "on_event"))
}

fn take_attribute(member: &mut Member) -> Option<Attribute> {
    let position = on_event_attribute(member)?;
    Some(member.attributes_mut()?.remove(position))
}

fn arguments_of(attribute: &Attribute) -> TokenStream {
    match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    }
}

/// Takes the marks off the methods, so that the rest of the crate still checks.
fn strip(block: &mut ImplBlock) {
    for member in &mut block.members {
        take_attribute(member);
    }
}

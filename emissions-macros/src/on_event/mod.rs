//! `#[on_event]`: parse → check → lint → expand.
//!
//! One barrier: what is wrong with the arguments or the signature is reported together and nothing
//! is registered; otherwise everything the lint finds is reported together.

mod check;
pub(crate) mod expand;
pub(crate) mod model;

use proc_macro2::TokenStream;
use quote::quote;

use self::model::{Home, Listener};
use crate::{crate_path::CratePath, diag::Diagnostics, item::Function, item_kind::item_kind};

/// Expands the attribute on a free function.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let diag = Diagnostics::new();
    let function = match syn::parse2::<Function>(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            // What is no function at all is told apart from a function that can't be read.
            let errors = match syn::parse2::<syn::Item>(item.clone()) {
                Ok(other) => {
                    let (kind, tokens) = item_kind(&other);
                    let help = match other {
                        syn::Item::Impl(_) => "write `#[listener]` here, and `#[on_event]` on each method that listens",
                        _ => "write `#[on_event] async fn …(event: &YourEvent)`",
                    };
                    syn::Error::new_spanned(
                        tokens,
                        format!("`#[on_event]` is on {kind}, and a listener is an `async fn`\n{help}"),
                    )
                }
                Err(_) => error,
            };
            let errors = errors.to_compile_error();
            return quote!(#item #errors);
        }
    };
    let listener = Listener::read(arguments, function, Home::Module, None, &diag);
    check::signature(&listener, &diag);
    if diag.any() {
        let (function, errors) = (&listener.function, diag.finish());
        return quote!(#function #errors);
    }
    let output = expand::listener(&listener, &diag);
    let expand::Output { function, registration } = output;
    let errors = diag.finish();
    quote!(#function #registration #errors)
}

/// Expands one method of a `#[listener] impl`: the method, and what registers it.
pub(crate) fn expand_method(
    arguments: TokenStream,
    function: Function,
    of: &syn::Type,
    krate: &CratePath,
    diag: &Diagnostics,
) -> expand::Output {
    let own = Diagnostics::new();
    let listener = Listener::read(arguments, function, Home::Impl(Box::new(of.clone())), Some(krate), &own);
    check::signature(&listener, &own);
    if own.any() {
        let (function, errors) = (&listener.function, own.finish());
        return expand::Output { function: quote!(#function), registration: errors };
    }
    drop(own);
    expand::listener(&listener, diag)
}

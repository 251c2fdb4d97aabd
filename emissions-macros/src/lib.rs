//! Attributes of the `emissions` crate: an implementation detail. Use them through `emissions`.
#![allow(dead_code)]

mod args;
mod audited;
mod crate_path;
mod derives;
mod diag;
mod doc_text;
mod duration;
mod event;
mod item;
mod item_kind;
mod lint;
mod listener;
mod location;
mod on_event;
mod shared_field;
mod stand_in;

use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::TokenStream;
use quote::quote;

// The docs are on the re-export.
#[expect(missing_docs, reason = "documented where it is re-exported")]
#[proc_macro_attribute]
pub fn event(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    funnel("#[event]", args.into(), item.into(), event::expand)
}

/// Registers an async function as a listener.
#[proc_macro_attribute]
pub fn on_event(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    funnel("#[on_event]", args.into(), item.into(), on_event::expand)
}

/// Registers the methods of an `impl` block as listeners.
#[proc_macro_attribute]
pub fn listener(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    funnel("#[listener]", args.into(), item.into(), listener::expand)
}

#[expect(missing_docs, reason = "documented where it is re-exported")]
#[proc_macro_attribute]
pub fn shared_field(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    funnel("#[shared_field]", args.into(), item.into(), shared_field::expand)
}

/// Checks a function that listeners call as if it were a listener.
#[proc_macro_attribute]
pub fn audited(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    funnel("#[audited]", args.into(), item.into(), audited::expand)
}

/// Runs one macro; if it panics, that is our bug: it is reported as such and the item is kept.
fn funnel(
    attribute: &str,
    args: TokenStream,
    item: TokenStream,
    expand: fn(TokenStream, TokenStream) -> TokenStream,
) -> proc_macro::TokenStream {
    let kept = item.clone();
    catch_unwind(AssertUnwindSafe(|| expand(args, item)))
        .unwrap_or_else(|panic| {
            let cause = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("no message");
            let message = format!(
                "`{attribute}` panicked, which is a bug in emissions: {cause}\nplease report it with the item below"
            );
            quote!(#kept ::core::compile_error! { #message })
        })
        .into()
}

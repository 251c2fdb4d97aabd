//! Attributes of the `emissions` crate: an implementation detail. Use them through `emissions`.

mod args;
mod crate_path;
mod diag;
mod duration;
mod item;
mod listener;
mod on_event;
mod source_line;

use proc_macro::TokenStream;

/// Registers an async function as a listener; documented in `emissions`.
#[proc_macro_attribute]
pub fn on_event(arguments: TokenStream, item: TokenStream) -> TokenStream {
    on_event::expand(arguments.into(), item.into()).into()
}

/// Registers the methods of an `impl` block as listeners; documented in `emissions`.
#[proc_macro_attribute]
pub fn listener(arguments: TokenStream, item: TokenStream) -> TokenStream {
    listener::expand(arguments.into(), item.into()).into()
}

//! Attributes of the `emissions` crate: an implementation detail. Use them through `emissions`.
#![allow(dead_code)]

mod args;
mod crate_path;
mod diag;

/// Stand-in.
#[proc_macro_attribute]
pub fn on_event(_: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    item
}
/// Stand-in.
#[proc_macro_attribute]
pub fn listener(_: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    item
}

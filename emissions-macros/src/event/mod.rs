//! `#[event]`: parse → check → expand.

mod check;
mod expand;
mod fallback;
mod model;
pub(crate) mod names;
mod options;
mod serde_attrs;
pub(crate) mod types;

use proc_macro2::TokenStream;
use quote::quote;

pub(crate) use self::model::FieldOptions;
use self::{model::Model, options::Options};
use crate::diag::Diagnostics;

/// The user's item, what was generated for it, and everything wrong with it.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let diag = Diagnostics::new();
    let options = Options::parse(args, &diag);
    let output = match syn::parse2(item.clone()) {
        Ok(item) => match Model::new(item, &diag) {
            Ok(model) => {
                check::check(&options, &model, &diag);
                expand::event(&options, &model, diag.any())
            }
            Err(item) => fallback::fallback(*item, &options),
        },
        // Half-typed: the item as it stands, so that the editor keeps what it knows.
        Err(error) => {
            diag.absorb(error);
            item
        }
    };
    let errors = diag.finish();
    quote!(#output #errors)
}

//! `#[event]`: parse → check → expand.

mod expand;
mod model;
mod options;
mod serde_attrs;

use proc_macro2::TokenStream;
use quote::quote;

use self::{model::Model, options::Options};
use crate::diag::Diagnostics;

/// The user's item, what was generated for it, and everything wrong with it.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let diag = Diagnostics::new();
    let options = Options::parse(args, &diag);
    let output = match Model::parse(item, &diag) {
        Ok(model) => {
            options.check(&model, &diag);
            expand::event(&options, &model, diag.any())
        }
        Err(rejected) => rejected,
    };
    let errors = diag.finish();
    quote!(#output #errors)
}

//! `#[shared_field]`: parse → check → expand.

mod check;
mod expand;
mod model;

use proc_macro2::TokenStream;
use quote::quote;

use self::model::{Model, Options};
use crate::diag::Diagnostics;

/// The user's newtype, what was generated for it, and everything wrong with it.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let diag = Diagnostics::new();
    let options = Options::parse(args, &diag);
    let output = match syn::parse2(item.clone()) {
        Ok(item) => match Model::new(item, &diag) {
            Ok(model) => {
                check::check(&options, &model, &diag);
                expand::shared_field(&options, &model)
            }
            Err(item) => expand::fallback(*item, &options),
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

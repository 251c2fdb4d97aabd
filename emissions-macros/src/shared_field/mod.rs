//! `#[shared_field]`: parse → check → expand.

mod check;
mod expand;
mod model;

use proc_macro2::TokenStream;

use self::model::{Model, Options};
use crate::diag::Diagnostics;

/// The user's newtype, what was generated for it, and everything wrong with it.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let diag = Diagnostics::new();
    let options = Options::parse(args, &diag);
    diag.beside(item, |item, diag| match Model::new(item, diag) {
        Ok(model) => {
            check::check(&options, &model, diag);
            expand::shared_field(&options, &model)
        }
        Err(item) => expand::fallback(*item, &options),
    })
}

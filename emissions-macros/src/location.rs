//! Places in the source, as the registry tells them.

use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;

use crate::crate_path::CratePath;

/// A `SourceLocation` that points at `token`.
pub(crate) fn location(token: &Ident, krate: &CratePath) -> TokenStream {
    // All tokens of these calls carry the span of the token: that is the place they tell.
    let span = token.span();
    let file = quote_spanned!(span=> ::core::file!());
    let line = quote_spanned!(span=> ::core::line!());
    let column = quote_spanned!(span=> ::core::column!());
    quote::quote!(#krate::__private::SourceLocation { file: #file, line: #line, column: #column })
}

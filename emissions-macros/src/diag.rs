//! The one way to report a problem: everything wrong with an item, at once.

use std::{cell::RefCell, fmt::Display};

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

/// Collects the problems of one annotated item.
///
/// Shared by reference through all phases and consumed by [`Diagnostics::finish`] or [`Diagnostics::beside`]; dropping it
/// unread would lose errors, so that is a panic (which the entry points report as our bug).
pub(crate) struct Diagnostics {
    errors: RefCell<Option<Vec<syn::Error>>>,
}

impl Diagnostics {
    pub(crate) fn new() -> Self {
        Self { errors: RefCell::new(Some(Vec::new())) }
    }

    /// Reports `message` under the whole of `tokens`.
    ///
    /// The first line states the fact, in lower case and without a full stop; further lines say
    /// how to write it right.
    pub(crate) fn error(&self, tokens: impl ToTokens, message: impl Display) {
        self.absorb(syn::Error::new_spanned(tokens, message));
    }

    /// Reports `message` under the attribute as a whole: nothing in it is wrong, something is missing.
    pub(crate) fn at_call_site(&self, message: impl Display) {
        self.absorb(syn::Error::new(proc_macro2::Span::call_site(), message));
    }

    /// Takes over an error of syn's, or several combined ones.
    pub(crate) fn absorb(&self, error: syn::Error) {
        if let Some(errors) = self.errors.borrow_mut().as_mut() {
            errors.push(error);
        }
    }

    /// Keeps the value and reports the error.
    pub(crate) fn ok<T>(&self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.absorb(error)).ok()
    }

    /// Whether anything was reported so far.
    pub(crate) fn any(&self) -> bool {
        self.errors.borrow().as_ref().is_some_and(|errors| !errors.is_empty())
    }

    /// What becomes of an item, with everything wrong with it. One that can't be read, because it is
    /// half-typed, stays as it stands, so that the editor keeps what it knows.
    pub(crate) fn beside(self, item: TokenStream, expand: impl FnOnce(syn::Item, &Self) -> TokenStream) -> TokenStream {
        let output = match syn::parse2(item.clone()) {
            Ok(item) => expand(item, &self),
            Err(error) => {
                self.absorb(error);
                item
            }
        };
        let errors = self.finish();
        quote!(#output #errors)
    }

    /// All problems as `compile_error!` calls, each at its own place; empty if there are none.
    pub(crate) fn finish(self) -> TokenStream {
        let errors = self.errors.borrow_mut().take().unwrap_or_default();
        errors.iter().map(syn::Error::to_compile_error).collect()
    }
}

impl Drop for Diagnostics {
    fn drop(&mut self) {
        let unread = self.errors.borrow().as_ref().is_some_and(|errors| !errors.is_empty());
        assert!(!unread || std::thread::panicking(), "collected errors were dropped unread");
    }
}

#[cfg(test)]
mod tests {
    use super::Diagnostics;

    #[test]
    fn every_problem_is_reported_at_its_own_place() {
        let diag = Diagnostics::new();
        diag.error(quote::quote!(first), "one thing");
        diag.error(quote::quote!(second), "another thing");
        assert!(diag.any());
        let tokens = diag.finish().to_string();
        assert!(tokens.contains("one thing") && tokens.contains("another thing"), "{tokens}");
    }

    #[test]
    #[should_panic(expected = "dropped unread")]
    fn unread_errors_are_not_lost() {
        let diag = Diagnostics::new();
        diag.error(quote::quote!(first), "one thing");
    }
}

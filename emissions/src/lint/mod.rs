//! The rules of the lint, one page each.

#[doc(hidden)]
pub mod probe;

//! Listeners, which nobody has a reason to name: in the root, in a module, in a body.
#![no_implicit_prelude]
#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

use ::shop_events::ContactsImported;

/// Fills the search index.
#[::emissions::on_event]
pub async fn index(_: &ContactsImported) {}

mod mail {
    use ::shop_events::ContactsImported;

    #[::emissions::on_event]
    async fn welcome(_: &ContactsImported) {}
}

/// Nobody calls it.
pub fn body() {
    #[::emissions::on_event]
    async fn count(_: &ContactsImported) {}
}

//! A listener in a crate that its user renames.

/// Charges for the import.
#[emissions::on_event]
pub async fn charge(_: &shop_events::ContactsImported) {}

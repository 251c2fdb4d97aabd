//! A listener in a crate whose package and library are spelt differently.

/// Books the import.
#[emissions::on_event(observer)]
pub async fn book(_: &shop_events::ContactsImported) {}

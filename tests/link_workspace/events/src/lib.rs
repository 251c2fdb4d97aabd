//! Events, which every other crate names.
#![no_implicit_prelude]
#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

/// Contacts were read from a file.
#[::emissions::event(name = "contacts.imported")]
pub struct ContactsImported {
    /// Import that read them.
    pub import_id: ::std::string::String,
}

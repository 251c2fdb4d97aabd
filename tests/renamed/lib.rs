//! Everything the macros generate, where nothing is imported, nothing is forgiven and `emissions`
//! has another name. That this crate compiles is the test.
#![no_implicit_prelude]
#![deny(warnings, missing_docs, unused_qualifications, unreachable_pub, clippy::pedantic)]
#![forbid(unsafe_code)]

/// The address book of one account was written in bulk.
#[::bus::event(
    name = "contact.bulk_upserted",
    bulk = contact_emails,
    on_empty = "open",
    gate(allow_none),
    crate = ::bus
)]
#[derive(Debug)]
pub struct ContactsBulkUpserted {
    /// Account that owns the address book.
    #[field(key)]
    pub user_id: UserId,
    /// Lower-cased addresses that now exist.
    #[field(sensitive)]
    pub contact_emails: ::std::vec::Vec<::std::string::String>,
    /// Import that wrote them.
    #[field(string)]
    pub import_id: ::core::option::Option<u64>,
    /// When it did.
    pub imported_at: ::bus::envelope::Timestamp,
}

/// Account of a person.
#[::bus::shared_field(name = "user_id", crate = ::bus)]
#[derive(Clone, Copy, Debug)]
pub struct UserId(pub u64);

/// The same within a body.
///
/// Returns the name of the event.
#[must_use]
pub fn local_name() -> &'static str {
    #[::bus::event(name = "contact.seen", crate = ::bus)]
    struct Seen {
        contact_id: u32,
    }
    let event = Seen { contact_id: 7 };
    ::core::debug_assert!(event.contact_id == 7);
    <Seen as ::bus::Event>::NAME
}

/// Counts what was seen.
pub trait Counter: ::core::marker::Send + ::core::marker::Sync {
    /// One more.
    fn count(&self);
}

/// Indexes the address book.
///
/// # Errors
///
/// Never.
#[::bus::on_event(
    timeout = "5s",
    retry(attempts = 2, backoff = "1ms..1s"),
    concurrency = 2,
    when = worth_it,
    crate = ::bus
)]
pub async fn index(
    event: &ContactsBulkUpserted,
    ctx: &::bus::Ctx,
    counter: &dyn Counter,
) -> ::core::result::Result<(), ::std::string::String> {
    let _ = (event.contact_emails.len(), ctx.attempt());
    counter.count();
    ::core::result::Result::Ok(())
}

/// Whether there is something to index.
#[must_use]
pub fn worth_it(event: &ContactsBulkUpserted) -> bool {
    !event.contact_emails.is_empty()
}

/// Sees everything.
#[::bus::on_event(name = "**", observer, crate = ::bus)]
pub async fn see(event: &::bus::RawEnvelope) {
    let _ = event.event_version;
}

/// Keeps address books.
pub struct Store;

#[::bus::listener(crate = ::bus)]
impl Store {
    /// Keeps one.
    #[::bus::on_event(after = index)]
    pub async fn keep(&self, event: &::bus::Envelope<ContactsBulkUpserted>) {
        let _ = event.payload.contact_emails.len();
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn events_work_under_another_name() {
        ::std::assert_eq!(crate::local_name(), "contact.seen");
        ::std::assert_eq!(<crate::ContactsBulkUpserted as ::bus::Event>::descriptor().crate_name, "emissions-renamed");
    }

    #[test]
    fn listeners_work_under_another_name() {
        let registry = ::bus::Registry::collect();
        let ids: ::std::vec::Vec<_> =
            ::std::iter::Iterator::collect(::std::iter::Iterator::map(registry.listeners().iter(), |listener| {
                listener.id()
            }));
        ::std::assert_eq!(
            ids,
            ["emissions_renamed::Store::keep", "emissions_renamed::index", "emissions_renamed::see"]
        );
        ::std::assert!(registry.verify().is_ok());
    }
}

//! Nothing but emissions is named, and nothing is imported.
#![no_implicit_prelude]
#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

/// An order was created.
#[::emissions::event(name = "order.created")]
pub struct OrderCreated {
    /// Order that was created.
    pub order_id: u64,
}

/// Indexes it.
#[::emissions::on_event(timeout = "5s", retry(attempts = 2), concurrency = 1, when = is_large)]
pub async fn index(event: &OrderCreated, ctx: &::emissions::Ctx) -> ::std::result::Result<(), ::std::fmt::Error> {
    let _ = (event.order_id, ctx.attempt());
    ::std::result::Result::Ok(())
}

/// Whether it is worth it.
pub fn is_large(event: &OrderCreated) -> bool {
    event.order_id > 7
}

/// Counts all of them.
#[::emissions::on_event(name = "**", observer)]
pub async fn count(event: &::emissions::RawEnvelope) {
    let _ = event.event_version;
}

/// Keeps them.
pub struct Store;

#[::emissions::listener]
impl Store {
    /// Keeps one.
    #[::emissions::on_event(after = index)]
    pub async fn keep(&self, event: &OrderCreated) {
        let _ = event.order_id;
    }
}

fn main() {
    ::std::assert_eq!(::emissions::Registry::collect().listeners().len(), 3);
    ::std::assert!(::emissions::Registry::collect().verify().is_ok());
}

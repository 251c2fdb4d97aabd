//! Nothing but emissions is named, and nothing is imported.
#![no_implicit_prelude]
#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

/// An order was created.
#[::emissions::event(name = "order.created")]
pub struct OrderCreated {
    /// Order that was created.
    #[field(key)]
    pub order_id: u64,
    /// Kept out of logs.
    #[field(sensitive)]
    pub customer_email: ::std::string::String,
    /// Larger than some readers can take.
    #[field(string)]
    pub import_id: u64,
    /// Who takes it.
    pub courier_id: CourierId,
}

/// A courier.
#[::emissions::shared_field(name = "courier_id")]
pub struct CourierId(pub u32);

fn main() {
    ::std::assert_eq!(<OrderCreated as ::emissions::Event>::NAME, "order.created");
}

//! Listeners shaped like those of real services: each compiles untouched, without a warning.
//!
//! That this compiles is the test. What is wrongly rejected here is a defect of the lint.
#![deny(warnings)]

mod broker;
mod literals;
mod net;
mod storage;
#[expect(unreachable_pub, dead_code, reason = "shapes of other crates")]
mod stubs;
mod web;
mod workers;

use emissions::event;

/// A customer placed an order.
#[event(name = "order.placed")]
pub struct OrderPlaced {
    /// Order that was placed.
    pub order_id: u64,
    /// Address of the customer.
    pub customer_email: String,
    /// Lines of the order.
    pub line_item_ids: Vec<u64>,
    /// Coupon, if any.
    pub coupon_code: Option<String>,
}

#[test]
fn listeners_of_real_services_compile_untouched() {
    let sources =
        [include_str!("web.rs"), include_str!("broker.rs"), include_str!("storage.rs"), include_str!("workers.rs")];
    let listeners: usize = sources.iter().map(|source| source.matches("#[on_event").count()).sum();
    assert!(listeners >= 20, "only {listeners}");
}

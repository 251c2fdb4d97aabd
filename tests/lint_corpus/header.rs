//! Generated.
#![allow(unused_imports, unused_variables, unused_mut, unused_assignments, unreachable_code, dead_code)]
#[macro_use]
#[path = {PRELUDE}]
mod prelude;
use emissions::{Ctx, event, on_event};
use prelude::*;

/// A customer placed an order.
#[event(name = "order.placed")]
pub struct OrderPlaced {
    /// Order that was placed.
    pub order_id: u64,
    /// Whether the customer is in the loyalty programme.
    pub is_vip: bool,
    /// Address the confirmation goes to.
    pub customer_email: String,
    /// Lines of the order.
    pub line_item_ids: Vec<u64>,
    /// Coupon the customer used, if any.
    pub coupon_id: Option<u64>,
    /// `retail`, `wholesale` or `test`.
    pub order_kind: String,
}

/// A parcel left the warehouse.
#[event(name = "order.shipped")]
pub struct Shipped {
    /// Parcel that left.
    pub shipment_id: u64,
}

impl From<&OrderPlaced> for Ev {
    fn from(event: &OrderPlaced) -> Ev {
        Ev {
            id: event.order_id,
            vip: event.is_vip,
            email: event.customer_email.clone(),
            ids: event.line_item_ids.clone(),
            coupon: event.coupon_id,
            kind: Kind::from_word(&event.order_kind),
        }
    }
}

fn is_send<T: Send>(_: T) {}


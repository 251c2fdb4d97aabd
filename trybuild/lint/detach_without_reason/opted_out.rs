#![allow(unused, missing_docs)]

use emissions::{Ctx, event, on_event};
/// An order was placed.
#[event(name = "order.placed")]
pub struct OrderPlaced {
    /// The order.
    pub order_id: u64,
}
async fn warm(_id: u64) {}
#[on_event(allow(detach_without_reason, reason = "the reason is in the line above"))]
async fn warm_up(event: &OrderPlaced, ctx: &Ctx) {
    ctx.detach("", warm(event.order_id));
}

fn main() {}

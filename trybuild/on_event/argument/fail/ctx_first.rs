#![allow(unused_variables)]

use emissions::{Ctx, event, on_event};

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
}

#[on_event]
async fn index(ctx: &Ctx, event: &OrderCreated) {}

fn main() {}

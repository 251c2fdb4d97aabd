#![allow(unused_variables)]

use emissions::{Envelope, event, on_event};

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
}

struct Order;

#[on_event]
async fn index(order: &Envelope<Order>) {}

fn main() {}

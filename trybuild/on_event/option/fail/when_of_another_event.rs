#![allow(unused_variables)]

use emissions::{event, on_event};

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
}

#[on_event(when = is_large)]
async fn index(event: &OrderCreated) {}

fn is_large(order_id: &u64) -> bool {
    *order_id > 7
}

fn main() {}

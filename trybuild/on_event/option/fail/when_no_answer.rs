#![allow(unused_variables)]

use emissions::{event, on_event};

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
}

#[on_event(when = is_large)]
async fn index(event: &OrderCreated) {}

fn is_large(event: &OrderCreated) -> u64 {
    event.order_id
}

fn main() {}

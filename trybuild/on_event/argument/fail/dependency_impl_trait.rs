#![allow(unused_variables)]

use emissions::{event, on_event};

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
}

trait Queue: Send + Sync {}

#[on_event]
async fn index(event: &OrderCreated, queue: &impl Queue) {}

fn main() {}

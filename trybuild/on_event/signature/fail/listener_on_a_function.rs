#![allow(unused_variables)]

use emissions::{event, listener};

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
}

#[listener]
async fn index(event: &OrderCreated) {}

fn main() {}

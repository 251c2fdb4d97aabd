#![allow(unused_variables)]

use emissions::{event, on_event};

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
}

#[on_event(timeout = "5s", observer, timeout = "1s")]
async fn index(event: &OrderCreated) {}

fn main() {}

#![allow(unused_variables)]

use emissions::{event, on_event};

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
}

use std::sync::Arc;

#[on_event]
async fn index(event: Arc<OrderCreated>) {}

fn main() {}

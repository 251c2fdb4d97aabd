#![allow(unused_variables)]

use emissions::{event, on_event};

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
}

use std::sync::Arc;

struct Queue;

#[on_event]
async fn index(event: &OrderCreated, queue: Arc<Queue>) {}

fn main() {}

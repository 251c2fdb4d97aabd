#![allow(unused_variables)]

use emissions::{event, on_event};

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
}

#[on_event(allow(forgotten_work, because = "the queue is drained elsewhere"))]
async fn index(event: &OrderCreated) {}

fn main() {}

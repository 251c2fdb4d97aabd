#![allow(unused_variables)]

use emissions::{event, on_event};

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
}

struct Queue;

#[on_event]
async fn index(event: &OrderCreated, queue: &mut Queue) {}

fn main() {}

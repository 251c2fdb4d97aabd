#![allow(unused_variables)]

use emissions::{event, on_event};

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
}

use std::cell::Cell;

#[on_event]
async fn index(event: &OrderCreated, count: &Cell<u64>) {
    count.set(event.order_id);
}

fn main() {}

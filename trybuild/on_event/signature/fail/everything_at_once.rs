#![allow(unused_variables)]

use emissions::{event, on_event};

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
}

#[on_event(observer = true)]
fn index<T>(event: OrderCreated, queue: T) -> impl Send {}

fn main() {}

#![allow(unused_variables)]

use emissions::{event, on_event};

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
}

use std::sync::Mutex;

async fn save(order_id: u64) {}

#[on_event]
async fn index(event: &OrderCreated, last: &Mutex<u64>) {
    let mut last = last.lock().unwrap();
    *last = event.order_id;
    save(*last).await;
}

fn main() {}

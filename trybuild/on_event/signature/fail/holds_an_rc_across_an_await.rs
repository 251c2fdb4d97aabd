#![allow(unused_variables)]

use emissions::{event, on_event};

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
}

use std::rc::Rc;

async fn save(order_id: u64) {}

#[on_event]
async fn index(event: &OrderCreated) {
    let order_id = Rc::new(event.order_id);
    save(*order_id).await;
    drop(order_id);
}

fn main() {}

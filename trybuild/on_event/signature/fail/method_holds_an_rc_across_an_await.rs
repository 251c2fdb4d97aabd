#![allow(unused_variables)]

use emissions::{event, listener};

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
}

use std::rc::Rc;

async fn save(order_id: u64) {}

struct Indexer;

#[listener]
impl Indexer {
    #[on_event]
    async fn index(&self, event: &OrderCreated) {
        let order_id = Rc::new(event.order_id);
        save(*order_id).await;
        drop(order_id);
    }
}

fn main() {}

#![allow(unused_variables)]

use emissions::{event, listener};

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
}

struct Indexer;

trait Index {
    async fn index(&self, event: &OrderCreated);
}

#[listener]
impl Index for Indexer {
    #[on_event]
    async fn index(&self, event: &OrderCreated) {}
}

fn main() {}

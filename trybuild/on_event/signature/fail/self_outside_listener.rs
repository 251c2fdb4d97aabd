#![allow(unused_variables)]

use emissions::{event, on_event};

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
}

struct Indexer;

impl Indexer {
    #[on_event]
    async fn index(&self, event: &OrderCreated) {}
}

fn main() {}

#![allow(unused_variables)]

use emissions::{event, listener};

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
}

struct Indexer;

#[listener]
impl Indexer {
    #[on_event]
    fn index(&self, event: &OrderCreated) {}
}

fn main() {}

#![allow(unused_variables)]

use emissions::{event, listener};

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
}

use std::cell::Cell;

struct Indexer(Cell<u64>);

#[listener]
impl Indexer {
    #[on_event]
    async fn index(&self, event: &OrderCreated) {}
}

fn main() {}

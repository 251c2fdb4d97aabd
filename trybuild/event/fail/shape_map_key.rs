use emissions::event;
use std::collections::HashMap;

#[event(name = "order.created")]
struct OrderCreated {
    line_counts: HashMap<u64, u32>,
}

fn main() {}

use emissions::event;
use std::time::SystemTime;

#[event(name = "order.created")]
struct OrderCreated {
    occurred_at: SystemTime,
}

fn main() {}

use emissions::event;
use std::time::SystemTime;

#[event(name = "order.created")]
struct OrderCreated {
    paid: SystemTime,
}

fn main() {}

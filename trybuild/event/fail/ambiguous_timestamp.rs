use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    timestamp: u64,
}

fn main() {}

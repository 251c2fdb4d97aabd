use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    paid_at_ms: u64,
}

fn main() {}

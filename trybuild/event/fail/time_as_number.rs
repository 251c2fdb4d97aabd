use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    paid_at: u64,
}

fn main() {}

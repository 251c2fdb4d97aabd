use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    id: u64,
}

fn main() {}

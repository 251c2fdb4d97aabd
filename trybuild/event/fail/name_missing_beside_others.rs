use emissions::event;

#[event(version = 2)]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

use emissions::event;

#[event(name = "order.created", version = 4294967296)]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

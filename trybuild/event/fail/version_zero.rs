use emissions::event;

#[event(name = "order.created", version = 0)]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

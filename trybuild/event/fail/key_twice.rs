use emissions::event;

#[event(name = "order.created", version = 1, name = "order.placed")]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

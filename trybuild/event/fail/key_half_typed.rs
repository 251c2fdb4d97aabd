use emissions::event;

#[event(name = "order.created", version =)]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

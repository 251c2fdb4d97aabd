use emissions::event;

#[event(name = "order.created", owner = "")]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

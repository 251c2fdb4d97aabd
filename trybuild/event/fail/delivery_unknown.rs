use emissions::event;

#[event(name = "order.created", delivery = "exactly_once")]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

use emissions::event;

#[event(name = "order.created", bulk = order_id, on_empty = "open")]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

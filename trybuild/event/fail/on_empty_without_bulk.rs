use emissions::event;

#[event(name = "order.created", on_empty = "open")]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

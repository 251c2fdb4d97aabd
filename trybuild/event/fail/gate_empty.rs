use emissions::event;

#[event(name = "order.created", gate())]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

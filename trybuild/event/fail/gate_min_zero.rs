use emissions::event;

#[event(name = "order.created", gate(min = 0))]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

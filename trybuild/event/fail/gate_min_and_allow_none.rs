use emissions::event;

#[event(name = "order.created", gate(min = 2, allow_none))]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

use emissions::event;

#[event(name = "order.created", gate(max = 2))]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

use emissions::event;

#[event(name = "order.create")]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

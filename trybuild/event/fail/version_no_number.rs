use emissions::event;

#[event(name = "order.created", version = "2")]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

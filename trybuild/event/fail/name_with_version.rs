use emissions::event;

#[event(name = "order.created.v2")]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

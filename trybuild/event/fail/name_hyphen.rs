use emissions::event;

#[event(name = "order-line.created")]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

use emissions::event;

#[event(name = "Order.created")]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

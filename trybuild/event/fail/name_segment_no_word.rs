use emissions::event;

#[event(name = "2order.created")]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

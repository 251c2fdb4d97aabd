use emissions::event;

#[event(name = "created")]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

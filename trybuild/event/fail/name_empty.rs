use emissions::event;

#[event(name = "")]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

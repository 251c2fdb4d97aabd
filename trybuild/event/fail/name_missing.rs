use emissions::event;

#[event]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

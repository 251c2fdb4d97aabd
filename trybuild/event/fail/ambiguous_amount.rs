use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    amount: u64,
}

fn main() {}

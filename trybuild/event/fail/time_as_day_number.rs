use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    shipped_on: u32,
}

fn main() {}

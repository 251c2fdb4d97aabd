use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    vip: bool,
}

fn main() {}

use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    payment_timeout: u32,
}

fn main() {}

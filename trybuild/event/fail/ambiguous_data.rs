use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    data: Vec<u8>,
}

fn main() {}

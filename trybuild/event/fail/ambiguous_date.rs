use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    date: String,
}

fn main() {}

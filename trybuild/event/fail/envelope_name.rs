use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    correlation_id: String,
}

fn main() {}

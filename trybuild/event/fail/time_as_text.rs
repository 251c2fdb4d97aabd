use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    paid_at: String,
}

fn main() {}

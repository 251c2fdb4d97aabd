use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    r#type: String,
}

fn main() {}

use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    order_extras: serde_json::Value,
}

fn main() {}

use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    order_extras: Option<Vec<serde_json::Value>>,
}

fn main() {}

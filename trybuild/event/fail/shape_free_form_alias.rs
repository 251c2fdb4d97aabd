use emissions::event;
use serde_json::Value as Json;

#[event(name = "order.created")]
struct OrderCreated {
    order_extras: Option<Json>,
}

fn main() {}

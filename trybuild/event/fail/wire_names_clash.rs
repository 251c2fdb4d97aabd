use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
    #[serde(rename = "order_id")]
    legacy_order_id: String,
}

fn main() {}

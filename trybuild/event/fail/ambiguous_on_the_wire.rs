use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    #[serde(rename = "id")]
    order_id: u64,
}

fn main() {}

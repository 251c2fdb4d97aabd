use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    #[cfg_attr(all(), serde(rename = "id"))]
    order_id: u64,
}

fn main() {}

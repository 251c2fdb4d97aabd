use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    #[serde(rename(serialize = "order_id", deserialize = "orderId"))]
    order_id: u64,
}

fn main() {}

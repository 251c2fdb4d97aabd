use emissions::event;

#[event(name = "order.created")]
#[serde(untagged)]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

use emissions::event;

#[event(name = "order.created")]
#[serde(tag = "type")]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

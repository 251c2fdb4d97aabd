use emissions::event;

#[event(name = "order.created")]
#[serde(transparent)]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

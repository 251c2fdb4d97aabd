use emissions::event;

#[event(name = "order.created")]
#[serde(rename_all(serialize = "camelCase"))]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

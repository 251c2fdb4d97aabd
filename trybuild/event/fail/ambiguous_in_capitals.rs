use emissions::event;

#[event(name = "order.created")]
#[serde(rename_all = "UPPERCASE")]
struct OrderCreated {
    status: String,
}

fn main() {}

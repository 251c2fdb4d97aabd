use emissions::event;

#[event(name = "order.create", allow_tense = "")]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

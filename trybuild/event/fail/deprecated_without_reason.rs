use emissions::event;

#[event(name = "order.created", deprecated = " ")]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

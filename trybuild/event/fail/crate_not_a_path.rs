use emissions::event;

#[event(name = "order.created", crate = "emissions")]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

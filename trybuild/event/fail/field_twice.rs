use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    #[field(key)]
    #[field(key)]
    order_id: u64,
}

fn main() {}

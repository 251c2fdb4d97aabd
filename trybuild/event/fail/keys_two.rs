use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    #[field(key)]
    order_id: u64,
    #[field(key)]
    customer_id: u64,
}

fn main() {}

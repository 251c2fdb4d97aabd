use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    #[field]
    order_id: u64,
}

fn main() {}

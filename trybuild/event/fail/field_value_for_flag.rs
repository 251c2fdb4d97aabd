use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    #[field(key = true)]
    order_id: u64,
}

fn main() {}

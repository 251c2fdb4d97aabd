use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    #[field(id)]
    order_id: u64,
}

fn main() {}

use emissions::event;

#[event(nmae = "order.created")]
struct OrderCreated {
    order_id: u64,
}

fn main() {}

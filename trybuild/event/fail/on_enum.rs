use emissions::event;

#[event(name = "order.created")]
enum OrderCreated {
    Retail { order_id: u64 },
    Wholesale { order_id: u64 },
}

fn main() {}

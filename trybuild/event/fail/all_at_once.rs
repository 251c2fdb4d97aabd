use emissions::event;

// One error per mistake, all of them.
#[event(name = "Order.created", version = 0, bulk = lines)]
struct OrderCreated {
    id: u64,
    #[field(kee)]
    order_timeout: u32,
    vip: bool,
    point: (f64, f64),
}

fn main() {}

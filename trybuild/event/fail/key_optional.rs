use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    #[field(key)]
    coupon_id: Option<u64>,
}

fn main() {}

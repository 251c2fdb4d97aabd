use emissions::event;

#[event(name = "order.created")]
union OrderCreated {
    order_id: u64,
    coupon_id: u32,
}

fn main() {}

use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    #[serde(rename = "paymentTimeout")]
    payment_timeout_ms: u32,
}

fn main() {}

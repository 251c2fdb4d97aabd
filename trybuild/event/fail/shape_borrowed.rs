use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    order_code: &'static str,
}

fn main() {}

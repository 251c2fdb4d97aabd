use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    shop_position: (f64, f64),
}

fn main() {}

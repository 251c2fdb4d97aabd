use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    line_price: f64,
}

fn main() {}

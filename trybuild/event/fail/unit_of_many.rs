use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    line_weights: Vec<u32>,
}

fn main() {}

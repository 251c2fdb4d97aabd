use emissions::event;

type Position = (f64, f64);

#[event(name = "order.created")]
struct OrderCreated {
    shop_position: Position,
}

fn main() {}

use emissions::event;

#[event(name = "order.created")]
struct OrderCreated;

fn main() {}

use emissions::event;

struct OrderCreated;

#[event(name = "order.created")]
impl OrderCreated {}

fn main() {}

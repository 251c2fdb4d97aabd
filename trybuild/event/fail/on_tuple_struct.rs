use emissions::event;

#[event(name = "order.created")]
struct OrderCreated(u64, String);

fn main() {}

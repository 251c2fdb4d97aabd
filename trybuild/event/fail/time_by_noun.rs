use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    order_date: i64,
}

fn main() {}

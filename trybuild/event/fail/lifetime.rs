use emissions::event;

#[event(name = "order.created")]
struct OrderCreated<'a> {
    order_code: &'a str,
}

fn main() {}

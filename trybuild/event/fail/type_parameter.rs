use emissions::event;

#[event(name = "order.created")]
struct OrderCreated<T> {
    order_id: T,
}

fn main() {}

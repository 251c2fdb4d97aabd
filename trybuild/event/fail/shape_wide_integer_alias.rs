use emissions::event;

type OrderId = u128;

#[event(name = "order.created")]
struct OrderCreated {
    order_id: OrderId,
}

fn main() {}

use emissions::event;

type OrderCode = String;

#[event(name = "order.created")]
struct OrderCreated {
    #[field(string)]
    order_code: OrderCode,
}

fn main() {}

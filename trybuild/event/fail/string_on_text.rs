use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    #[field(string)]
    order_code: String,
}

fn main() {}

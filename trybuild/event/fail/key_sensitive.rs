use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    #[field(key, sensitive)]
    customer_email: String,
}

fn main() {}

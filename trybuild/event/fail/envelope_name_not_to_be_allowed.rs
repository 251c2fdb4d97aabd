use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    #[field(allow_ambiguous = "our partner sends it")]
    specversion: String,
}

fn main() {}

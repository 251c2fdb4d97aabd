use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    #[field(allow_ambiguous = "")]
    id: u64,
}

fn main() {}

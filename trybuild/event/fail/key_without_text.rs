use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    #[field(key)]
    line_ids: Vec<u64>,
}

fn main() {}

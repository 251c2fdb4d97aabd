use emissions::event;

#[event(name = "order.created")]
struct OrderCreated {
    #[field(string)]
    line_count: u32,
}

fn main() {}

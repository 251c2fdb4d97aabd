use emissions::event;

#[event(name = "order.created", bulk = line_ids)]
struct OrderCreated {
    line_ids: Vec<u64>,
}

fn main() {}

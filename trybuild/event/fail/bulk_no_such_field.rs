use emissions::event;

#[event(name = "order.created", bulk = lines, on_empty = "open")]
struct OrderCreated {
    order_id: u64,
    line_ids: Vec<u64>,
}

fn main() {}

use emissions::event;

#[event(name = "order.created")]
struct OrderCreated<const LINES: usize> {
    line_ids: [u32; LINES],
}

fn main() {}

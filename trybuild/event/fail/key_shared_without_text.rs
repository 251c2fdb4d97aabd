use emissions::{event, shared_field};

#[shared_field(name = "line_ids")]
struct LineIds(Vec<u64>);

#[event(name = "order.created")]
struct OrderCreated {
    #[field(key)]
    line_ids: LineIds,
}

fn main() {}

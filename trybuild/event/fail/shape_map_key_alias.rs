use emissions::event;
use std::collections::BTreeMap;

type LineId = u64;

#[event(name = "order.created")]
struct OrderCreated {
    line_counts: BTreeMap<LineId, u32>,
}

fn main() {}

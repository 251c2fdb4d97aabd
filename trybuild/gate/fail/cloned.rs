use emissions::{Gate, event};

/// An order was placed.
#[event(name = "order.placed")]
struct OrderPlaced {
    /// Order that was placed.
    order_id: String,
}

fn stamp_twice(gate: Gate<OrderPlaced>) -> [Gate<OrderPlaced>; 2] {
    [gate.clone(), gate]
}

fn main() {}

use emissions::{Gate, event};

/// An order was placed.
#[event(name = "order.placed")]
struct OrderPlaced {
    /// Order that was placed.
    order_id: String,
}

fn stamp(_: Gate<OrderPlaced>) {}

fn stamp_twice(gate: Gate<OrderPlaced>) {
    stamp(gate);
    stamp(gate);
}

fn main() {}

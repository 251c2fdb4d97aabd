use emissions::{Gate, event};

/// An order was placed.
#[event(name = "order.placed")]
struct OrderPlaced {
    /// Order that was placed.
    order_id: String,
}

/// An order was cancelled.
#[event(name = "order.cancelled")]
struct OrderCancelled {
    /// Order that was cancelled.
    cancelled_order: String,
}

fn stamp_cancelled(_: Gate<OrderCancelled>) {}

fn stamp(gate: Gate<OrderPlaced>) {
    stamp_cancelled(gate);
}

fn main() {}

#![deny(unused_must_use)]

use emissions::{Emissions, event};

/// An order was placed.
#[event(name = "order.placed")]
struct OrderPlaced {
    /// Order that was placed.
    order_id: String,
}

fn place(emissions: &Emissions) {
    emissions.emit_async(OrderPlaced { order_id: String::new() });
}

fn main() {}

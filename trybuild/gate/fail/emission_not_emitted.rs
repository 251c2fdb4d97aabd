#![deny(unused_must_use)]

use emissions::{Emissions, event};

/// An order was placed.
#[event(name = "order.placed")]
struct OrderPlaced {
    /// Order that was placed.
    order_id: String,
}

fn place(emissions: &Emissions) {
    emissions.emission(OrderPlaced { order_id: String::new() }).subject("orders/7");
}

fn main() {}

#![deny(unused_must_use)]

use emissions::{EmitError, Emissions, event};

/// An order was placed.
#[event(name = "order.placed")]
struct OrderPlaced {
    /// Order that was placed.
    order_id: String,
}

fn place(emissions: &Emissions) -> Result<(), EmitError<OrderPlaced>> {
    emissions.emit(OrderPlaced { order_id: String::new() })?;
    Ok(())
}

fn main() {}

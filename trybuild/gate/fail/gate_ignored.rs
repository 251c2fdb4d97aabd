#![deny(unused_must_use)]

use emissions::{Emissions, GateError, event};

/// An order was placed.
#[event(name = "order.placed")]
struct OrderPlaced {
    /// Order that was placed.
    order_id: String,
}

async fn place(emissions: &Emissions) -> Result<(), GateError<OrderPlaced>> {
    emissions.emit_async(OrderPlaced { order_id: String::new() }).await?;
    Ok(())
}

fn main() {}

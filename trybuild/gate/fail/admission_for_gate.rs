use emissions::{EmitError, Emissions, Gate, event};

/// An order was placed.
#[event(name = "order.placed")]
struct OrderPlaced {
    /// Order that was placed.
    order_id: String,
}

fn stamp(_: Gate<OrderPlaced>) {}

fn place(emissions: &Emissions) -> Result<(), EmitError<OrderPlaced>> {
    let admission = emissions.emit(OrderPlaced { order_id: String::new() })?;
    stamp(admission);
    Ok(())
}

fn main() {}

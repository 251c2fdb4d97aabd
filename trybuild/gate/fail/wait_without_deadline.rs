use emissions::{Emissions, event};

/// An order was placed.
#[event(name = "order.placed")]
struct OrderPlaced {
    /// Order that was placed.
    order_id: String,
}

async fn wait(emissions: &Emissions) {
    let _ = emissions.wait_for::<OrderPlaced>(|order| order.order_id == "7").await;
}

fn main() {}

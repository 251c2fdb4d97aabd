use emissions::{Gate, event};

/// An order was placed.
#[event(name = "order.placed")]
struct OrderPlaced {
    /// Order that was placed.
    order_id: String,
}

fn main() {
    let _: Gate<OrderPlaced> = serde_json::from_str("{}").unwrap();
}

use emissions::{Gate, GateReport, Uuid, event};

/// An order was placed.
#[event(name = "order.placed")]
struct OrderPlaced {
    /// Order that was placed.
    order_id: String,
}

fn main() {
    let report = GateReport::default();
    let _: Gate<OrderPlaced> = Gate { event_id: Uuid::nil(), report, event: std::marker::PhantomData };
}

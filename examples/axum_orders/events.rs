//! What the shop tells, and who listens.

use emissions::{event, on_event};

use super::shop::Shop;

/// Stock was set aside for an order.
#[event(name = "stock.reserved")]
pub(crate) struct StockReserved {
    /// Order it is for.
    #[field(key, string)]
    pub(crate) reserved_order_id: u64,
    /// Pieces set aside.
    pub(crate) reserved_pieces: u32,
}

/// A customer placed an order.
#[event(name = "order.placed")]
pub(crate) struct OrderPlaced {
    /// Order that was placed.
    #[field(key, string)]
    pub(crate) placed_order_id: u64,
    /// Customer who placed it.
    #[field(sensitive)]
    pub(crate) customer_name: String,
    /// What was ordered.
    pub(crate) article_name: String,
}

/// Tells the warehouse.
#[on_event]
async fn tell_the_warehouse(event: &StockReserved, shop: &Shop) {
    shop.note(event.reserved_order_id, format!("{} pieces on the picking list", event.reserved_pieces));
}

/// Writes the confirmation.
#[on_event]
async fn confirm(event: &OrderPlaced, shop: &Shop) {
    shop.note(event.placed_order_id, format!("confirmation to {}: {}", event.customer_name, event.article_name));
}

//! The web shop, asked over real connections on loopback.

#[expect(dead_code, reason = "nothing here calls the example's `main`")]
#[path = "../../axum_orders/main.rs"]
mod axum_orders;

mod client;
mod load;
mod requests;
mod server;

//! A web shop of one page: every request that succeeds delivers its events, every other none.
//!
//! `cargo run --example axum_orders` serves it on <http://127.0.0.1:3000>; another address is the
//! first argument.

pub(crate) mod app;
pub(crate) mod events;
pub(crate) mod page;
pub(crate) mod shop;

use std::{error::Error, sync::Arc, time::Duration};

use tokio::net::TcpListener;

use self::shop::Shop;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let shop = Arc::new(Shop::default());
    let emissions = app::settings(&shop).start().await?;
    let routes = app::with_buffers(app::routes(&emissions), &emissions, Duration::from_secs(2));
    let listener = TcpListener::bind(&address).await?;
    println!("orders are taken on http://{}", listener.local_addr()?);
    axum::serve(listener, routes.with_state(shop))
        .with_graceful_shutdown(async {
            // Without the signal there is no way to stop but the process's end, which stops as well.
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;
    let report = emissions.shutdown(Duration::from_secs(10)).await.lossless()?;
    println!("{} events delivered, {} parked, none lost", report.delivered, report.parked);
    Ok(())
}

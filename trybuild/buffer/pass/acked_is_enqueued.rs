//! The higher level passes for the lower.

use emissions::{Acked, Enqueued, Receipt};

fn lower(receipt: Receipt<Acked>) -> Receipt<Enqueued> {
    receipt.into()
}

async fn book(emissions: emissions::Emissions) -> Result<(), Box<dyn std::error::Error>> {
    lower(emissions.start().commit_acked().await?);
    Ok(())
}

fn main() {
    // Futures of commits and scopes can be spawned.
    fn assert_send<T: Send>(_: impl FnOnce(emissions::Emissions) -> T) {}
    assert_send(book_and_spawn);
}

fn book_and_spawn(emissions: emissions::Emissions) -> impl Future<Output = ()> + Send {
    async move {
        let _ = emissions.scope(async { Ok::<_, std::convert::Infallible>(emissions::commit().await.is_ok()) }).await;
        let _ = emissions.start().commit().await;
    }
}

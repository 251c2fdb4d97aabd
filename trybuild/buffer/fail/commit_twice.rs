//! There is one commit.

async fn book(emissions: emissions::Emissions) {
    let buffer = emissions.start();
    buffer.commit().await.unwrap();
    buffer.commit().await.unwrap();
}

fn main() {}

//! A receipt says what is certain, and the lower level does not pass for the higher.

use emissions::{Acked, Emissions, Receipt};

fn tell_the_customer(_: &Receipt<Acked>) {}

async fn book(emissions: Emissions) {
    let receipt = emissions.start().commit().await.unwrap();
    tell_the_customer(&receipt);
}

fn main() {}

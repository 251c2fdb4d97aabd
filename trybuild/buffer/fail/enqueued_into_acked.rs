//! Nor does it convert.

use emissions::{Acked, Enqueued, Receipt};

fn raise(receipt: Receipt<Enqueued>) -> Receipt<Acked> {
    receipt.into()
}

fn main() {}

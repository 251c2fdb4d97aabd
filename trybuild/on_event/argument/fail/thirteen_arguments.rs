#![allow(unused_variables)]

use emissions::{event, on_event};

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
}

#[on_event]
async fn index(
    event: &OrderCreated,
    d1: &[u8; 1],
    d2: &[u8; 2],
    d3: &[u8; 3],
    d4: &[u8; 4],
    d5: &[u8; 5],
    d6: &[u8; 6],
    d7: &[u8; 7],
    d8: &[u8; 8],
    d9: &[u8; 9],
    d10: &[u8; 10],
    d11: &[u8; 11],
    d12: &[u8; 12],
) {}

fn main() {}

#![allow(unused_variables)]

use emissions::{event, on_event};

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
}

use std::error::Error;

#[on_event]
async fn index(event: &OrderCreated) -> Result<(), Box<dyn Error>> {
    Ok(())
}

fn main() {}

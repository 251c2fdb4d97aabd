use emissions::event;

#[event(name = "order.created")]
async fn order_created(order_id: u64) {
    let _ = order_id;
}

fn main() {}

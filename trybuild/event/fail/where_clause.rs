use emissions::event;

#[event(name = "order.created")]
struct OrderCreated
where
    u64: Copy,
{
    order_id: u64,
}

fn main() {}

use emissions::{Envelope, Event, event, shared_field};

// Each mistake is reported once: what uses the types below says nothing about it.
#[event(name = "order.created")]
enum OnEnum {
    Retail { order_id: u64 },
}

#[event(name = "order.created")]
struct Generic<T> {
    order_id: T,
}

#[event]
struct NoName {
    order_id: u64,
}

#[event(name = "order.created")]
struct Ambiguous {
    id: OrderId,
}

#[shared_field]
struct OrderId(u64);

#[shared_field(name = "order_id")]
struct TwoValues(u64, u64);

#[event(name = "order.priced")]
struct OrderPriced {
    order_id: TwoValues,
}

fn wire_type<E: Event>() -> String {
    E::descriptor().wire_type()
}

fn main() {
    let _ = (wire_type::<OnEnum>(), wire_type::<Generic<u64>>(), wire_type::<NoName>(), wire_type::<Ambiguous>());
    let _: Option<(Envelope<OnEnum>, OrderPriced)> = None;
}

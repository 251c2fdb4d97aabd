use emissions::event;

#[event(name = "order.created")]
#[serde(into = "String", try_from = "String")]
#[derive(Clone)]
struct OrderCreated {
    order_id: u64,
}

impl From<OrderCreated> for String {
    fn from(event: OrderCreated) -> Self {
        event.order_id.to_string()
    }
}

impl TryFrom<String> for OrderCreated {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(|order_id| Self { order_id })
    }
}

fn main() {}

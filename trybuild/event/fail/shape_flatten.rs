use emissions::event;

#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
struct Shipping {
    shipping_city: String,
}

#[event(name = "order.created")]
struct OrderCreated {
    order_id: u64,
    #[serde(flatten)]
    shipping: Shipping,
}

fn main() {}

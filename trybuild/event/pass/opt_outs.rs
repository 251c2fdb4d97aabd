use emissions::{Event, event};

#[event(name = "order.create", allow_tense = "name fixed by a partner")]
struct OrderCreate {
    #[field(allow_ambiguous = "read by the old shop")]
    id: u64,
    #[field(allow_ambiguous = "read by the old shop")]
    total: f64,
    #[field(allow_ambiguous = "read by the old shop")]
    vip: bool,
    #[field(allow_ambiguous = "read by the old shop")]
    created: std::time::SystemTime,
}

fn main() {
    let descriptor = OrderCreate::descriptor();
    assert_eq!(descriptor.allow_tense, Some("name fixed by a partner"));
    assert!(descriptor.fields.iter().all(|field| field.allow_ambiguous == Some("read by the old shop")));
}

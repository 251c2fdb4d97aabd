use emissions::shared_field;

#[shared_field(name = "correlation_id")]
struct CorrelationId(u64);

fn main() {}

use emissions::shared_field;

#[shared_field(name = "id")]
struct UserId(u64);

fn main() {}

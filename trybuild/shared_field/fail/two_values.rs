use emissions::shared_field;

#[shared_field(name = "user_id")]
struct UserId(u64, u64);

fn main() {}

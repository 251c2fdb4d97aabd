use emissions::shared_field;

#[shared_field(name = "user_id")]
struct UserId(u128);

fn main() {}

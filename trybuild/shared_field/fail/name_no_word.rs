use emissions::shared_field;

#[shared_field(name = "user id")]
struct UserId(u64);

fn main() {}

use emissions::shared_field;

#[shared_field(name = "user_id", version = 1)]
struct UserId(u64);

fn main() {}

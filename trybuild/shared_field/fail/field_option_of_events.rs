use emissions::shared_field;

#[shared_field(name = "user_id")]
struct UserId(#[field(sensitive)] u64);

fn main() {}

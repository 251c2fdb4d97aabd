use emissions::shared_field;

#[shared_field]
struct UserId(u64);

fn main() {}

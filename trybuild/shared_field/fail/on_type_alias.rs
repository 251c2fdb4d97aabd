use emissions::shared_field;

#[shared_field(name = "user_id")]
type UserId = u64;

fn main() {}

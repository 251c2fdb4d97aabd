use emissions::shared_field;

#[shared_field(name = "user_id")]
struct UserId {
    number: u64,
}

fn main() {}

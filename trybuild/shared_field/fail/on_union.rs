use emissions::shared_field;

#[shared_field(name = "user_id")]
union UserId {
    number: u64,
}

fn main() {}

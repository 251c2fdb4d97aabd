use emissions::shared_field;

#[shared_field(name = "user_id")]
enum UserId {
    Number(u64),
}

fn main() {}

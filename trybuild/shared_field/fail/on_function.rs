use emissions::shared_field;

#[shared_field(name = "user_id")]
fn user_id() -> u64 {
    7
}

fn main() {}

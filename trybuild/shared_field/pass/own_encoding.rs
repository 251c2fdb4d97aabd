use emissions::shared_field;

/// A newtype that checks what it holds says itself how it is written.
#[shared_field(name = "email_address")]
#[derive(Clone)]
#[serde(try_from = "String", into = "String")]
struct EmailAddress(String);

impl TryFrom<String> for EmailAddress {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.contains('@') { Ok(Self(text)) } else { Err("no @") }
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

fn main() {
    let address: EmailAddress = serde_json::from_str("\"a@b.c\"").unwrap();
    assert_eq!(serde_json::to_string(&address).unwrap(), "\"a@b.c\"");
    assert!(serde_json::from_str::<EmailAddress>("\"nobody\"").is_err());
}

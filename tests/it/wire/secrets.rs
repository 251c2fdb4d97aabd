//! What is sensitive shows nowhere.

use std::error::Error as _;

use emissions::{Envelope, RawEnvelope, event, wire::Binding};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const SECRET: &str = "hunter2";

/// A card was charged.
#[event(name = "card.charged")]
struct CardCharged {
    /// Card, as the bank knows it.
    #[field(sensitive)]
    card_number: String,
    /// Who holds it.
    #[field(sensitive)]
    holder: Holder,
    /// Account that was charged.
    #[field(key)]
    account_id: u32,
}

/// Nested, so that its own fields carry no mark.
#[derive(Serialize, Deserialize, emissions::__private::schemars::JsonSchema)]
#[serde(crate = "emissions::__private::serde")]
#[schemars(crate = "emissions::__private::schemars")]
struct Holder {
    full_name: String,
    aliases: Vec<String>,
}

fn charged() -> Envelope<CardCharged> {
    Envelope::from_source(
        "/bank",
        CardCharged {
            card_number: SECRET.to_owned(),
            holder: Holder { full_name: SECRET.to_owned(), aliases: vec![SECRET.to_owned()] },
            account_id: 7,
        },
    )
}

#[test]
fn debug_of_an_envelope_shows_the_rest() {
    let shown = format!("{:?} {:#?}", charged(), charged());
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(shown.contains(r#""account_id":7"#), "{shown}");
    assert!(shown.contains(r#""card_number":"[redacted]""#), "{shown}");
    assert!(shown.contains(r#""holder":"[redacted]""#), "{shown}");
    assert!(shown.contains("card.charged"), "{shown}");
    assert!(shown.contains(r#"partition_key: Some("7")"#), "{shown}");
}

#[test]
fn debug_of_a_raw_envelope_and_of_messages_shows_sizes() {
    let raw = RawEnvelope::encode(&charged()).unwrap();
    let shown = format!(
        "{raw:?} {:?} {:?} {:?}",
        raw.head,
        raw.to_binary(Binding::Kafka).unwrap(),
        raw.to_structured_message().unwrap()
    );
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(shown.contains(&format!("{} bytes", raw.payload.len())), "{shown}");
    assert!(
        raw.to_structured().unwrap().windows(SECRET.len()).any(|part| part == SECRET.as_bytes()),
        "the wire has it"
    );
}

/// A field whose own `Deserialize` and `Serialize` quote what they refuse.
#[derive(emissions::__private::schemars::JsonSchema)]
#[schemars(crate = "emissions::__private::schemars", transparent)]
struct Talkative(String);

impl Serialize for Talkative {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom(format!("can't write {}", self.0)))
    }
}

impl<'de> Deserialize<'de> for Talkative {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Err(serde::de::Error::custom(match text.strip_prefix("as ") {
            Some(message) => message.to_owned(),
            None => format!("can't read {text}"),
        }))
    }
}

#[derive(Serialize, Deserialize, emissions::__private::schemars::JsonSchema)]
#[serde(crate = "emissions::__private::serde", deny_unknown_fields)]
#[schemars(crate = "emissions::__private::schemars")]
struct Strict {
    channel: Channel,
}

#[derive(Serialize, Deserialize, emissions::__private::schemars::JsonSchema)]
#[serde(crate = "emissions::__private::serde", rename_all = "lowercase")]
#[schemars(crate = "emissions::__private::schemars")]
enum Channel {
    Email,
    Letter,
}

/// Something was said.
#[event(name = "word.spoken")]
struct WordSpoken {
    /// How it reached us.
    via: Strict,
    /// How often it was said.
    repetitions: Option<u8>,
    /// Whether it was loud.
    is_loud: bool,
    /// What was said.
    talkative: Option<Talkative>,
}

#[test]
fn errors_of_the_decoder_never_quote_the_payload() {
    let mut raw = RawEnvelope::encode(&Envelope::from_source("/w", word(None))).unwrap();
    for payload in [
        format!(r#"{{"via":{{"channel":"{SECRET}"}}}}"#),
        format!(r#"{{"via":{{"{SECRET}":1}}}}"#),
        format!(r#"{{"via":"{SECRET}"}}"#),
        format!(r#"{{"via":"a, expected {SECRET}"}}"#),
        format!(r#"{{"repetitions":"{SECRET}"}}"#),
        format!(r#"{{"is_loud":"x\", expected {SECRET}"}}"#),
        format!(r#"{{"talkative":"{SECRET}"}}"#),
        format!(r#"{{"talkative":"as invalid type: {SECRET}"}}"#),
        format!(r#"{{"talkative":"as invalid value: {SECRET}, expected {SECRET}"}}"#),
        format!(r#"{{"talkative":"as missing field {SECRET}"}}"#),
        format!(r#"{{"talkative":"as {SECRET} at line 1 column 2"}}"#),
        format!(r#"{{"talkative":"as unknown variant `{SECRET}`, expected `{SECRET}`"}}"#),
        format!(r#"{{"{SECRET}":{SECRET}}}"#),
        format!(r#""{SECRET}"#),
        SECRET.to_owned(),
        format!(r#"["{SECRET}"]"#),
        format!(r#"{{"{SECRET}\u00zz":1}}"#),
    ] {
        raw.payload = payload.as_bytes().into();
        let error = raw.decode::<WordSpoken>().map(|_| ()).unwrap_err();
        let said = format!("{error} {error:?} {:#?} {:?}", error, error.source());
        assert!(!said.contains(SECRET), "{payload}: {said}");
    }
    raw.payload = br#"{"repetitions":256}"#.as_slice().into();
    let error = raw.decode::<WordSpoken>().map(|_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the payload is broken in `repetitions`: integer where u8 is expected at line 1 column 18"
    );
}

#[test]
fn errors_of_the_envelope_never_quote_the_payload() {
    for event in [
        format!(r#"{{"data":{{"a":"{SECRET}"}}"#),
        format!(r#"{{"data":"{SECRET}"}}"#),
        format!(r#"{{"data":{SECRET}}}"#),
        format!(r#"{{"data_base64":"{SECRET}"}}"#),
        format!(r#""{SECRET}""#),
        format!(r#"["{SECRET}"]"#),
        format!(r#"{{"data":"{SECRET}","data_base64":"{SECRET}"}}"#),
    ] {
        let error = RawEnvelope::from_structured(event.clone()).unwrap_err();
        let said = format!("{error} {error:?} {error:#?}");
        assert!(!said.contains(SECRET), "{event}: {said}");
        assert_eq!(error.into_bytes(), event.as_bytes());
    }
    let headers = [("ce-partitionkey", SECRET), ("authorization", SECRET), ("ce-id", "1")];
    let error = RawEnvelope::from_binary(Binding::Http, headers, SECRET).unwrap_err();
    let said = format!("{error} {error:?}");
    assert!(!said.contains(SECRET), "{said}");
}

#[test]
fn errors_of_the_encoder_never_quote_the_payload() {
    let error =
        RawEnvelope::encode(&Envelope::from_source("/w", word(Some(Talkative(SECRET.to_owned()))))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the payload of `word.spoken` can't be serialised: the `Serialize` of a field refused"
    );
    assert!(!format!("{error:?} {:?}", error.source()).contains(SECRET));
}

fn word(talkative: Option<Talkative>) -> WordSpoken {
    WordSpoken { via: Strict { channel: Channel::Email }, repetitions: None, is_loud: false, talkative }
}

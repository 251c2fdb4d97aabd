//! What holds for every input of the decoder; the fuzz target and the stable tests share it.

use emissions::{
    RawEnvelope, event,
    wire::{Binding, DecodeError, EncodeError},
};

/// An order was placed; has a field of each kind that JSON has.
#[event(name = "order.placed")]
#[derive(Debug)]
pub(crate) struct OrderPlaced {
    /// Order that was placed.
    #[field(key)]
    pub(crate) order_id: String,
    /// Customer who placed it.
    #[field(sensitive)]
    pub(crate) customer_email: Option<String>,
    /// What was ordered.
    pub(crate) article_ids: Vec<u32>,
    /// Share of the price that was taken off.
    pub(crate) discount_percent: f64,
    /// Whether it is a present.
    pub(crate) is_gift: bool,
}

const BINDINGS: [(u8, Binding); 6] = [
    (b'h', Binding::Http),
    (b'n', Binding::Nats),
    (b'k', Binding::Kafka),
    (b'a', Binding::Amqp),
    (b'u', Binding::AmqpUnderscore),
    (b'r', Binding::RabbitMq),
];

/// The first byte says how to read the rest: `s` as a structured event, the letter of a binding as
/// a message of headers (`name: value`), an empty line and a body.
pub(crate) fn check(input: &[u8]) {
    let Some((&selector, rest)) = input.split_first() else { return };
    let Some((_, binding)) = BINDINGS.iter().find(|(letter, _)| *letter == selector) else {
        return after(RawEnvelope::from_structured(rest), &[], rest, Binding::Kafka);
    };
    let (headers, body) = message(rest);
    after(RawEnvelope::from_message(*binding, headers.clone(), body), &headers, body, *binding);
}

/// Splits a message as it stands in a file.
pub(crate) fn message(text: &[u8]) -> (Vec<(String, Vec<u8>)>, &[u8]) {
    let mut headers = Vec::new();
    let mut rest = text;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let line = &rest[..end];
        rest = &rest[end + 1..];
        if line.is_empty() {
            return (headers, rest);
        }
        let colon = line.windows(2).position(|pair| pair == b": ").unwrap_or(line.len());
        let value = line.get(colon + 2..).unwrap_or_default();
        headers.push((String::from_utf8_lossy(&line[..colon]).into_owned(), value.to_vec()));
    }
    (headers, rest)
}

fn after(read: Result<RawEnvelope, DecodeError>, headers: &[(String, Vec<u8>)], bytes: &[u8], binding: Binding) {
    match read {
        Ok(raw) => readable(&raw, binding),
        Err(error) => {
            assert_eq!(error.bytes(), bytes, "the bytes are kept");
            assert_eq!(error.headers(), headers, "the headers are kept");
            said(&error);
        }
    }
}

/// What was read can be written, and reads the same again.
fn readable(raw: &RawEnvelope, binding: Binding) {
    let message = raw.to_binary(binding).expect("what was read can be written");
    let again =
        RawEnvelope::from_binary(binding, message.headers, &*message.body).expect("what was written can be read");
    assert_eq!(&again, raw, "binary mode changes nothing");

    match raw.to_structured() {
        Ok(bytes) => {
            assert!(!bytes.contains(&b'\n'), "one line");
            let again = RawEnvelope::from_structured(bytes.clone()).expect("what was written can be read");
            assert_eq!(again.head, raw.head, "structured mode keeps the head");
            assert_eq!(again.to_structured().expect("again"), bytes, "the second time as the first");
        }
        Err(EncodeError::Payload { .. }) => assert!(raw.decode::<OrderPlaced>().is_err(), "broken JSON is no event"),
        Err(error) => panic!("the head was read, but can't be written: {error}"),
    }

    match raw.decode::<OrderPlaced>() {
        Ok(envelope) => {
            assert_eq!(envelope.head, raw.head);
            let encoded = RawEnvelope::encode(&envelope).expect("what was read can be written");
            let again = encoded.decode::<OrderPlaced>().expect("what was written can be read");
            assert_eq!(again.payload.order_id, envelope.payload.order_id);
        }
        Err(error) => {
            assert_eq!(error.bytes(), &*raw.payload, "the bytes are kept");
            said(&error);
        }
    }
}

/// The error says something, and does not pour out its input.
fn said(error: &DecodeError) {
    assert!(!error.faults().is_empty());
    for fault in error.faults() {
        let length = fault.to_string().chars().count();
        // 80 characters of input, of which the longest escape is `\u{10ffff}`.
        assert!((1..1200).contains(&length), "{length} characters");
    }
}

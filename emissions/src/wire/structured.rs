//! Structured mode: JSON Event Format 1.0.2.

use std::{
    borrow::Cow,
    collections::{BTreeMap, btree_map::Entry},
    fmt,
};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{error::Category, value::RawValue};

use super::{DecodeFault, ValueFault, base64, head::Incoming};
use crate::envelope::{EnvelopeHead, text::excerpt};

/// Writes an event as one line.
pub(super) fn write(attributes: &[(&str, Cow<'_, str>)], data: &RawValue) -> Vec<u8> {
    let mut out = Vec::with_capacity(attributes.len() * 64 + data.get().len());
    out.push(b'{');
    for (name, value) in attributes {
        write_string(&mut out, name);
        out.push(b':');
        write_string(&mut out, value);
        out.push(b',');
    }
    out.extend_from_slice(b"\"data\":");
    // Outside its strings JSON knows line breaks as white space only, and inside not at all.
    out.extend(data.get().bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte }));
    out.push(b'}');
    out
}

/// Attributes have no control characters, so these two are all that JSON asks to be escaped.
fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for byte in text.bytes() {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// Reads an event; the payload is found, but not parsed.
pub(super) fn read(bytes: &[u8]) -> Result<(EnvelopeHead, Cow<'_, [u8]>), Vec<DecodeFault>> {
    let members: Members<'_> = serde_json::from_slice(bytes).map_err(|error| vec![not_an_object(bytes, &error)])?;
    let mut incoming = Incoming::default();
    incoming.faults = members.duplicates;
    let mut data = None;
    for (name, value) in members.values {
        match &*name {
            "data_base64" if value.get() == "null" => {}
            "data" | "data_base64" if data.is_some() => incoming.faults.push(DecodeFault::DataTwice),
            "data" => data = Some(Cow::Borrowed(value.get().as_bytes())),
            "data_base64" => match read_base64(value) {
                Ok(decoded) => data = Some(Cow::Owned(decoded)),
                Err(fault) => {
                    incoming.faults.push(fault);
                    data = Some(Cow::Borrowed(&[]));
                }
            },
            // Section 2.2: null is the same as not there.
            _ if value.get() == "null" => {}
            _ => {
                let text = read_attribute(&name, value);
                incoming.add(name, text);
            }
        }
    }
    if data.is_none() {
        incoming.faults.push(DecodeFault::Missing { attribute: "data" });
    }
    let head = incoming.read()?;
    Ok((head, data.unwrap_or_default()))
}

/// Messages of serde quote values, except those about syntax.
fn not_an_object(bytes: &[u8], error: &serde_json::Error) -> DecodeFault {
    match error.classify() {
        Category::Data if bytes.trim_ascii_start().starts_with(b"[") => DecodeFault::Batch,
        Category::Data => DecodeFault::NotAnObject,
        Category::Syntax | Category::Eof | Category::Io => {
            DecodeFault::Syntax { what: super::payload::syntax(error), line: error.line(), column: error.column() }
        }
    }
}

fn read_base64(value: &RawValue) -> Result<Vec<u8>, DecodeFault> {
    let Key(text) = serde_json::from_str(value.get()).map_err(|_| DecodeFault::Base64)?;
    base64::decode(&text).ok_or(DecodeFault::Base64)
}

/// Attributes that CloudEvents declares to be strings.
fn is_text(name: &str) -> bool {
    matches!(
        name,
        "specversion"
            | "id"
            | "source"
            | "type"
            | "time"
            | "datacontenttype"
            | "dataschema"
            | "subject"
            | "partitionkey"
            | "correlationid"
            | "causationid"
            | "traceparent"
            | "tracestate"
            | "sequence"
    )
}

/// Section 2.2: a string, boolean or integer in its canonical spelling.
fn read_attribute<'a>(name: &str, value: &'a RawValue) -> Result<Cow<'a, str>, ValueFault> {
    let text = value.get();
    match text.as_bytes() {
        [b'"', ..] => serde_json::from_str(text).map(|Key(text)| text).map_err(|_| ValueFault::NotUtf8),
        _ if is_text(name) => Err(ValueFault::NotText),
        b"true" | b"false" => Ok(Cow::Borrowed(text)),
        [b'-' | b'0'..=b'9', digits @ ..] if digits.iter().all(u8::is_ascii_digit) => {
            text.parse::<i32>().map(|number| Cow::Owned(number.to_string())).map_err(|_| ValueFault::IntegerRange)
        }
        _ => Err(ValueFault::NotScalar),
    }
}

/// The members of a JSON object, their values unparsed.
#[derive(Default)]
struct Members<'a> {
    values: BTreeMap<Cow<'a, str>, &'a RawValue>,
    duplicates: Vec<DecodeFault>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfObject;

        impl<'de> Visitor<'de> for OfObject {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an event")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Members::default();
                while let Some((Key(name), value)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
                    match members.values.entry(name) {
                        Entry::Vacant(place) => {
                            place.insert(value);
                        }
                        Entry::Occupied(taken) => {
                            members.duplicates.push(DecodeFault::Duplicate { attribute: excerpt(taken.key()) });
                        }
                    }
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(OfObject)
    }
}

/// A JSON string, borrowed where it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfString;

        impl<'de> Visitor<'de> for OfString {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(OfString)
    }
}

//! Between an event and its JSON, without a word of it in an error.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer};
use serde_json::{error::Category, value::RawValue};

use super::{
    DecodeFault, EncodeError,
    finite::{self, NotFinite},
};
use crate::event::{Event, FieldDescriptor};

/// Serialises an event.
pub(super) fn write<E: Event>(event: &E) -> Result<Vec<u8>, EncodeError> {
    let payload =
        serde_json::to_vec(event).map_err(|error| EncodeError::Serialize { event: E::NAME, what: refused(&error) })?;
    // Without a null in the JSON there was no such number in the event.
    if payload.windows(4).any(|word| word == b"null")
        && let Some(NotFinite { field }) = finite::first_that_is_not(event)
    {
        return Err(EncodeError::NotFinite { event: E::NAME, field: field.unwrap_or("data") });
    }
    Ok(payload)
}

/// A type's own `Serialize` may quote what it refuses, so only the words of `serde_json` are kept.
fn refused(error: &serde_json::Error) -> &'static str {
    const KNOWN: [&str; 2] = ["key must be a string", "float key must be finite (got NaN or +/-inf)"];
    let said = error.to_string();
    KNOWN.into_iter().find(|known| said.starts_with(known)).unwrap_or("the `Serialize` of a field refused")
}

/// Parses an event.
pub(super) fn read<E: Event>(payload: &[u8]) -> Result<E, DecodeFault> {
    // `serde_json` does not look at the strings it passes over.
    let text = std::str::from_utf8(payload).map_err(|error| no_utf_8(payload, error.valid_up_to()))?;
    serde_json::from_str(text).map_err(|error| DecodeFault::Payload {
        field: field_at(text, &error, E::descriptor().fields),
        what: what(&error),
        line: error.line(),
        column: error.column(),
    })
}

fn no_utf_8(payload: &[u8], offset: usize) -> DecodeFault {
    let (line, column) = payload.iter().take(offset).fold((1, 1), |(line, column), byte| match byte {
        b'\n' => (line + 1, 1),
        _ => (line, column + 1),
    });
    DecodeFault::Payload { field: None, what: "no UTF-8".to_owned(), line, column }
}

/// What is wrong, without the values that messages of serde quote.
fn what(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Data => shape(&error.to_string()),
        Category::Syntax | Category::Eof | Category::Io => syntax(error),
    }
}

/// What `serde_json` says about syntax is always its own words; only the place is cut off.
pub(super) fn syntax(error: &serde_json::Error) -> String {
    let said = error.to_string();
    said.rsplit_once(" at line ").map_or(said.as_str(), |(what, _)| what).to_owned()
}

/// Of a message about shapes, the parts that come from the program: names of fields and what was
/// expected, which serde takes as `&'static str` or from the visitor. Everything else may come
/// from the payload, or from the words of a `Deserialize` by hand that quote it.
fn shape(said: &str) -> String {
    let said = said.rsplit_once(" at line ").map_or(said, |(what, _)| what);
    for start in ["missing field `", "duplicate field `"] {
        if let Some(name) = said.strip_prefix(start).and_then(|rest| rest.strip_suffix('`'))
            && name.len() <= 64
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        {
            return said.to_owned();
        }
    }
    let expected = said.rsplit_once(", expected ").map(|(_, expected)| expected);
    for start in ["invalid type: ", "invalid value: "] {
        if let Some(rest) = said.strip_prefix(start)
            && let Some(kind) = KINDS.iter().find(|kind| rest.starts_with(**kind))
            && let Some(expected) = expected
        {
            return format!("{} where {expected} is expected", kind.trim_end_matches([' ', '`', '"']));
        }
    }
    for start in ["invalid length", "unknown variant", "unknown field"] {
        if said.starts_with(start) {
            return start.to_owned();
        }
    }
    "the `Deserialize` of a field refused".to_owned()
}

/// How serde names what it found, up to where the value begins.
const KINDS: [&str; 14] = [
    "boolean `",
    "integer `",
    "floating point `",
    "character `",
    "string \"",
    "byte array",
    "unit value",
    "null",
    "Option value",
    "newtype struct",
    "sequence",
    "map",
    "number",
    "enum",
];

/// The field whose content ends where the parser gave up.
///
/// Only on the way to an error is the payload looked at a second time.
fn field_at(payload: &str, error: &serde_json::Error, fields: &[FieldDescriptor]) -> Option<&'static str> {
    if error.classify() != Category::Data {
        return None;
    }
    let before: usize = payload.split_inclusive('\n').take(error.line().checked_sub(1)?).map(str::len).sum();
    let offset = before + error.column();
    let Members(members) = serde_json::from_str(payload).ok()?;
    let start_of = |value: &RawValue| value.get().as_ptr().addr().checked_sub(payload.as_ptr().addr());
    let (name, _) = members.into_iter().find(|(_, value)| {
        start_of(value).is_some_and(|start| start < offset && offset <= start + value.get().len())
    })?;
    fields.iter().map(|field| field.wire_name).find(|known| *known == name)
}

/// Members of an object by name, unparsed; of two with one name the later.
struct Members<'a>(BTreeMap<String, &'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(Self)
    }
}

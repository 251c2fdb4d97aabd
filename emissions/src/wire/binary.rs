//! Binary mode: attributes in headers, the payload as body.

use std::borrow::Cow;

use super::{Binding, DecodeFault, ValueFault, head::Incoming, media_type::MediaType, percent};
use crate::envelope::{EnvelopeHead, text::excerpt};

/// The header that says what the body is.
pub(super) const CONTENT_TYPE: &str = "content-type";

const DATA_CONTENT_TYPE: &str = "datacontenttype";

/// Headers for the attributes, in their order.
pub(super) fn write(binding: Binding, attributes: &[(&str, Cow<'_, str>)]) -> Vec<(String, String)> {
    attributes
        .iter()
        .map(|(name, value)| match *name {
            DATA_CONTENT_TYPE if !binding.prefixes_content_type() => {
                (CONTENT_TYPE.to_owned(), value.clone().into_owned())
            }
            name => {
                let value = if binding.escapes_values() { percent::encode(value) } else { value.clone().into_owned() };
                (format!("{}{name}", binding.prefix()), value)
            }
        })
        .collect()
}

/// Reads the attributes; headers that belong to the transport are passed over.
pub(super) fn read(
    binding: Binding,
    headers: &[(String, Vec<u8>)],
    body: &[u8],
) -> Result<EnvelopeHead, Vec<DecodeFault>> {
    let mut incoming = Incoming::default();
    for (name, value) in headers {
        if let Some(attribute) = binding.attribute(name) {
            let value = if binding.escapes_values() { percent::decode(value) } else { text(value) };
            incoming.add(attribute, value);
        }
    }
    for value in content_types(headers) {
        let value = text(value);
        match &value {
            // Some producers write it in both places.
            Ok(value) if incoming.get(DATA_CONTENT_TYPE) == Some(value) => {}
            Ok(value) if matches!(MediaType::of(value), MediaType::StructuredJson | MediaType::StructuredOther) => {
                incoming.faults.push(DecodeFault::Structured { found: excerpt(value) });
            }
            _ => incoming.add(Cow::Borrowed(DATA_CONTENT_TYPE), value),
        }
    }
    if body.is_empty() {
        incoming.faults.push(DecodeFault::Missing { attribute: "data" });
    }
    incoming.read()
}

/// Values of the content type, of which there should be one at most.
pub(super) fn content_types(headers: &[(String, Vec<u8>)]) -> impl Iterator<Item = &[u8]> {
    headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(CONTENT_TYPE)).map(|(_, value)| value.as_slice())
}

fn text(value: &[u8]) -> Result<Cow<'_, str>, ValueFault> {
    std::str::from_utf8(value).map(Cow::Borrowed).map_err(|_| ValueFault::NotUtf8)
}

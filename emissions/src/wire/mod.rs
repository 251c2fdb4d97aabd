#![doc = include_str!("../docs/wire.md")]

pub(crate) mod base64;
mod binary;
mod binding;
mod error;
mod finite;
mod head;
mod media_type;
mod payload;
mod percent;
mod structured;

use std::sync::Arc;

use serde_json::value::RawValue;

use self::media_type::MediaType;
pub use self::{
    binding::Binding,
    error::{DecodeError, DecodeFault, EncodeError, ValueFault},
};
use crate::{
    envelope::{Envelope, RawEnvelope, text::excerpt},
    event::{Event, EventDescriptor},
};

/// Content type of a message that holds a whole event in JSON.
pub const STRUCTURED_CONTENT_TYPE: &str = "application/cloudevents+json; charset=utf-8";

/// More names than these are no answer to a question.
const LONGEST_LIST: usize = 8;

/// A message of a transport with headers.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// Names and values, none of them twice; values are written as the binding asks.
    pub headers: Vec<(String, String)>,
    /// The payload in binary mode, the whole event in structured mode.
    pub body: Arc<[u8]>,
}

impl Message {
    /// Value of a header, by its exact name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }
}

/// Shows names of headers and the size of the body: the payload may have sensitive fields.
impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("headers", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("body", &format_args!("[{} bytes]", self.body.len()))
            .finish()
    }
}

/// Writing.
impl RawEnvelope {
    /// Serialises the payload, once for all transports.
    ///
    /// # Errors
    ///
    /// The event's `Serialize` fails, a number in it is not finite, or an attribute has a value it may
    /// not have.
    pub fn encode<E: Event>(envelope: &Envelope<E>) -> Result<Self, EncodeError> {
        head::write(&envelope.head)?;
        let payload = payload::write(&envelope.payload)?;
        Ok(Self::new(envelope.head.clone(), payload.into()))
    }

    /// The event in structured mode: one JSON object on one line, without a line break at its end
    /// (JSON Event Format 1.0.2).
    ///
    /// # Errors
    ///
    /// An attribute has a value it may not have, or the payload is no JSON; both can be so in an
    /// envelope that was changed by hand, the latter in one that came in binary mode.
    pub fn to_structured(&self) -> Result<Vec<u8>, EncodeError> {
        let attributes = head::write(&self.head)?;
        let data: &RawValue = serde_json::from_slice(&self.payload).map_err(|error| EncodeError::Payload {
            event: excerpt(&self.event_type),
            line: error.line(),
            column: error.column(),
        })?;
        Ok(structured::write(&attributes, data))
    }

    /// The same as a message whose content type says what it is.
    ///
    /// # Errors
    ///
    /// As for [`to_structured`](Self::to_structured).
    pub fn to_structured_message(&self) -> Result<Message, EncodeError> {
        let headers = vec![(binary::CONTENT_TYPE.to_owned(), STRUCTURED_CONTENT_TYPE.to_owned())];
        Ok(Message { headers, body: self.to_structured()?.into() })
    }

    /// The event in binary mode: attributes in headers, the payload, which is shared, as body.
    ///
    /// # Errors
    ///
    /// An attribute has a value it may not have.
    pub fn to_binary(&self, binding: Binding) -> Result<Message, EncodeError> {
        Ok(Message { headers: binary::write(binding, &head::write(&self.head)?), body: Arc::clone(&self.payload) })
    }
}

/// Reading.
impl RawEnvelope {
    /// Reads an event in structured mode. The payload is found, but not parsed.
    ///
    /// # Errors
    ///
    /// What came is no event we can read; the error says all that is wrong and owns the bytes.
    pub fn from_structured(bytes: impl Into<Vec<u8>>) -> Result<Self, DecodeError> {
        let bytes = bytes.into();
        match structured::read(&bytes) {
            Ok((head, payload)) => Ok(Self::new(head, payload.into())),
            Err(faults) => Err(DecodeError::new(faults, Vec::new(), bytes)),
        }
    }

    /// Reads an event in binary mode. The payload is not looked at.
    ///
    /// # Errors
    ///
    /// As for [`from_structured`](Self::from_structured); the error owns the headers too.
    pub fn from_binary(
        binding: Binding,
        headers: impl IntoIterator<Item = (impl Into<String>, impl Into<Vec<u8>>)>,
        body: impl Into<Vec<u8>>,
    ) -> Result<Self, DecodeError> {
        let (headers, body) = (owned(headers), body.into());
        match binary::read(binding, &headers, &body) {
            Ok(head) => Ok(Self::new(head, body.into())),
            Err(faults) => Err(DecodeError::new(faults, headers, body)),
        }
    }

    /// Reads a message in whichever mode its content type says it is.
    ///
    /// # Errors
    ///
    /// As for [`from_binary`](Self::from_binary).
    pub fn from_message(
        binding: Binding,
        headers: impl IntoIterator<Item = (impl Into<String>, impl Into<Vec<u8>>)>,
        body: impl Into<Vec<u8>>,
    ) -> Result<Self, DecodeError> {
        let (headers, body) = (owned(headers), body.into());
        let read = match binary::content_types(&headers).next().and_then(|value| std::str::from_utf8(value).ok()) {
            None => binary::read(binding, &headers, &body).map(|head| (head, body.as_slice().into())),
            Some(found) => match MediaType::of(found) {
                MediaType::StructuredJson => structured::read(&body),
                MediaType::StructuredOther => Err(vec![DecodeFault::Format { found: excerpt(found) }]),
                MediaType::Batch => Err(vec![DecodeFault::Batch]),
                MediaType::Json | MediaType::Other => {
                    binary::read(binding, &headers, &body).map(|head| (head, body.as_slice().into()))
                }
            },
        };
        match read {
            Ok((head, payload)) => Ok(Self::new(head, payload.into())),
            Err(faults) => Err(DecodeError::new(faults, headers, body)),
        }
    }

    /// Finds the event that this is among those that are known.
    ///
    /// # Errors
    ///
    /// No known event has the name, or none has it in this version.
    pub fn find_in(
        &self,
        known: impl IntoIterator<Item = &'static EventDescriptor>,
    ) -> Result<&'static EventDescriptor, DecodeFault> {
        let (mut names, mut versions) = (Vec::new(), Vec::new());
        for descriptor in known {
            if descriptor.name != self.event_type {
                names.push(descriptor.name);
            } else if descriptor.version == self.event_version {
                return Ok(descriptor);
            } else {
                versions.push((descriptor.name, descriptor.version));
            }
        }
        if let Some(&(name, _)) = versions.first() {
            let mut known: Vec<u32> = versions.into_iter().map(|(_, version)| version).collect();
            known.sort_unstable();
            return Err(DecodeFault::Version { name, found: self.event_version, known });
        }
        names.sort_unstable();
        names.dedup();
        if names.len() > LONGEST_LIST {
            names.clear();
        }
        Err(DecodeFault::UnknownType { found: excerpt(&self.event_type), expected: names })
    }

    /// Parses the payload, once, into the event that type and version say it is.
    ///
    /// # Errors
    ///
    /// The envelope is of another event or version, or the payload is broken. The error owns a copy
    /// of the payload's bytes; `self` is as before.
    pub fn decode<E: Event>(&self) -> Result<Envelope<E>, DecodeError> {
        self.find_in([E::descriptor()])
            .and_then(|_| payload::read(&self.payload))
            .map(|payload| Envelope::new(self.head.clone(), payload))
            .map_err(|fault| DecodeError::new(vec![fault], Vec::new(), self.payload.to_vec()))
    }
}

fn owned(headers: impl IntoIterator<Item = (impl Into<String>, impl Into<Vec<u8>>)>) -> Vec<(String, Vec<u8>)> {
    headers.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
}

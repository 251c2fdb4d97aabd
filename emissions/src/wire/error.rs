//! Why something can't be read from the wire, or written to it.

use std::fmt;

/// What came in is not an event we can read.
///
/// It says everything that is wrong, and owns the message as it came: nothing is lost by failing.
/// Neither `Display` nor `Debug` shows the payload or the values of headers.
#[derive(Clone, PartialEq, Eq)]
pub struct DecodeError(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    faults: Vec<DecodeFault>,
    headers: Vec<(String, Vec<u8>)>,
    bytes: Vec<u8>,
}

impl DecodeError {
    /// `faults` must not be empty.
    pub(super) fn new(faults: Vec<DecodeFault>, headers: Vec<(String, Vec<u8>)>, bytes: Vec<u8>) -> Self {
        debug_assert!(!faults.is_empty(), "an error says what is wrong");
        Self(Box::new(Inner { faults, headers, bytes }))
    }

    /// Everything that is wrong; never empty.
    pub fn faults(&self) -> &[DecodeFault] {
        &self.0.faults
    }

    /// The headers as they came, in their order; empty for a structured event without a message
    /// around it.
    pub fn headers(&self) -> &[(String, Vec<u8>)] {
        &self.0.headers
    }

    /// The bytes as they came: the structured event or the body of the message; for
    /// [`RawEnvelope::decode`](crate::RawEnvelope::decode) the payload.
    pub fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    /// The bytes as they came, without a copy.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.bytes
    }

    /// Headers and bytes as they came, without a copy.
    pub fn into_message(self) -> (Vec<(String, Vec<u8>)>, Vec<u8>) {
        (self.0.headers, self.0.bytes)
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.faults.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecodeError")
            .field("faults", &self.0.faults)
            .field("headers", &format_args!("[{}]", self.0.headers.len()))
            .field("bytes", &format_args!("[{} bytes]", self.0.bytes.len()))
            .finish()
    }
}

impl std::error::Error for DecodeError {}

/// One thing that is wrong with what came in.
///
/// Texts from outside are escaped and cut after 80 characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeFault {
    /// The structured event is no JSON.
    #[error("the event is no JSON: {what} at line {line} column {column}")]
    Syntax {
        /// What the parser stumbled over.
        what: String,
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
    /// The structured event is JSON, but no object.
    #[error("the event is no JSON object")]
    NotAnObject,
    /// The message holds a batch: `application/cloudevents-batch+json`, or a JSON array.
    #[error("the message holds a batch of events: send them one by one")]
    Batch,
    /// The message is structured, but not in JSON.
    #[error("the event format `{found}` is not read: use `application/cloudevents+json`")]
    Format {
        /// The content type.
        found: String,
    },
    /// The message is structured where a binary one was expected.
    #[error("the message is a structured event: its content type is `{found}`")]
    Structured {
        /// The content type.
        found: String,
    },
    /// `specversion` is not `1.0`.
    #[error("`specversion` is `{found}`: only `1.0` is read")]
    SpecVersion {
        /// What it says.
        found: String,
    },
    /// An attribute that our envelope needs is not there; `data` counts as one.
    #[error("`{attribute}` is missing")]
    Missing {
        /// Its name.
        attribute: &'static str,
    },
    /// An attribute comes twice, or in two ways with two values.
    #[error("`{attribute}` comes more than once")]
    Duplicate {
        /// Its name.
        attribute: String,
    },
    /// An attribute has a name that CloudEvents forbids.
    #[error("`{attribute}` is no attribute name: they are 1 to 20 lower-case letters and digits, and never `data`")]
    Name {
        /// Its name.
        attribute: String,
    },
    /// An attribute has a value it may not have.
    #[error("`{attribute}` {fault}")]
    Value {
        /// Its name.
        attribute: String,
        /// What is wrong with the value.
        fault: ValueFault,
    },
    /// `type` does not end in the version of the payload.
    #[error("`type` is `{found}`, which does not end in a version from 1: write it as `order.created.v1`")]
    Unversioned {
        /// What it says.
        found: String,
    },
    /// `type` names an event that nobody here declares.
    #[error("the event is `{found}`, which is not known here{}", expected_list(.expected))]
    UnknownType {
        /// Name of the event without its version.
        found: String,
        /// The names that are known, if there are few.
        expected: Vec<&'static str>,
    },
    /// The event is known, but not in this version, and there is no path from it to ours.
    #[error("`{name}` is known here in version {}, not in {found}", numbers(.known))]
    Version {
        /// Name of the event.
        name: &'static str,
        /// The version that came.
        found: u32,
        /// The versions that are known, sorted.
        known: Vec<u32>,
    },
    /// The payload is not JSON in UTF-8.
    #[error("`datacontenttype` is `{found}`: only JSON in UTF-8 is read")]
    ContentType {
        /// What it says.
        found: String,
    },
    /// `data` and `data_base64` are both there.
    #[error("`data` and `data_base64` are both there")]
    DataTwice,
    /// `data_base64` is no string in Base64.
    #[error("`data_base64` is no Base64 (RFC 4648, section 4, padded)")]
    Base64,
    /// The payload is no JSON, or not of the shape that its type and version promise.
    #[error("the payload is broken{}: {what} at line {line} column {column}", in_field(*.field))]
    Payload {
        /// The field of the event that is being read, if it is a known one.
        field: Option<&'static str>,
        /// What is wrong; never a content of the payload.
        what: String,
        /// Line within the payload, from 1.
        line: usize,
        /// Column in bytes within the payload, from 1.
        column: usize,
    },
}

impl DecodeFault {
    /// The attribute that is wrong, `data` for the payload; `None` if it is the message as a whole.
    pub fn attribute(&self) -> Option<&str> {
        match self {
            Self::Syntax { .. } | Self::NotAnObject | Self::Batch | Self::Format { .. } | Self::Structured { .. } => {
                None
            }
            Self::SpecVersion { .. } => Some("specversion"),
            Self::Missing { attribute } => Some(attribute),
            Self::Duplicate { attribute } | Self::Name { attribute } | Self::Value { attribute, .. } => Some(attribute),
            Self::Unversioned { .. } | Self::UnknownType { .. } | Self::Version { .. } => Some("type"),
            Self::ContentType { .. } => Some("datacontenttype"),
            Self::DataTwice | Self::Payload { .. } => Some("data"),
            Self::Base64 => Some("data_base64"),
        }
    }
}

fn expected_list(expected: &[&str]) -> String {
    match expected {
        [] => String::new(),
        names => format!(": expected `{}`", names.join("`, `")),
    }
}

fn numbers(known: &[u32]) -> String {
    known.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}

fn in_field(field: Option<&str>) -> String {
    field.map_or_else(String::new, |field| format!(" in `{field}`"))
}

/// What is wrong with the value of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueFault {
    /// An attribute that is there must not be empty.
    #[error("is empty")]
    Empty,
    /// A JSON number, boolean, array or object where only a string may be.
    #[error("is no JSON string")]
    NotText,
    /// A JSON array, object or broken number where a string, boolean or integer may be.
    #[error("is no JSON string, boolean or integer")]
    NotScalar,
    /// An integer outside -2147483648 to 2147483647.
    #[error("is no integer of 32 bits")]
    IntegerRange,
    /// A control character or a Unicode noncharacter.
    #[error("has a control character or a Unicode noncharacter")]
    Character,
    /// Bytes that are no UTF-8, or a JSON escape that stands for half a character.
    #[error("is no UTF-8")]
    NotUtf8,
    /// A percent sign without two hexadecimal digits.
    #[error("has a `%` without two hexadecimal digits after it")]
    Percent,
    /// A quoted header value that does not end where its quotes do.
    #[error("has a double quote that does not close at its end")]
    Quoting,
    /// No time in RFC 3339.
    #[error("is no time in RFC 3339, such as `2026-04-29T10:15:00Z`")]
    Time,
    /// No URI reference.
    #[error("is no URI reference (RFC 3986), such as `/contacts`")]
    UriReference,
    /// No URI.
    #[error("is no URI (RFC 3986), such as `urn:emissions:order.created:v1`")]
    Uri,
    /// No `traceparent`.
    #[error("is no traceparent of W3C Trace Context")]
    TraceParent,
    /// A version that is zero.
    #[error("has version 0: versions start at 1")]
    Version,
}

/// An envelope that can't be written to the wire.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// Attributes have values they may not have; all of them are listed.
    #[error("{}", attribute_list(.faults))]
    Attributes {
        /// Name on the wire, and what is wrong.
        faults: Vec<(String, ValueFault)>,
    },
    /// The event's `Serialize` failed.
    #[error("the payload of `{event}` can't be serialised: {what}")]
    Serialize {
        /// Name of the event.
        event: &'static str,
        /// What is wrong; never a content of the payload.
        what: &'static str,
    },
    /// A number is NaN or infinite. JSON has neither, and a null in its place could not be read.
    #[error("`{field}` of `{event}` holds a number that is not finite, which JSON can't say")]
    NotFinite {
        /// Name of the event.
        event: &'static str,
        /// Its field, under its name on the wire.
        field: &'static str,
    },
    /// The payload is no JSON, so it has no place in a structured event.
    #[error("the payload of `{event}` is no JSON at line {line} column {column}")]
    Payload {
        /// Name of the event, escaped and cut after 80 characters.
        event: String,
        /// Line within the payload, from 1.
        line: usize,
        /// Column in bytes within the payload, from 1.
        column: usize,
    },
}

fn attribute_list(faults: &[(String, ValueFault)]) -> String {
    faults.iter().map(|(name, fault)| format!("`{name}` {fault}")).collect::<Vec<_>>().join("; ")
}

//! W3C trace context.

use std::{fmt, str::FromStr};

/// The `traceparent` of W3C Trace Context, version 00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceParent {
    trace_id: u128,
    span_id: u64,
    flags: u8,
}

impl TraceParent {
    /// A trace context; `None` where an id is zero, which the standard forbids.
    pub fn new(trace_id: u128, span_id: u64, flags: u8) -> Option<Self> {
        (trace_id != 0 && span_id != 0).then_some(Self { trace_id, span_id, flags })
    }

    /// Id of the whole trace.
    pub fn trace_id(self) -> u128 {
        self.trace_id
    }

    /// Id of the span in which the event was emitted.
    pub fn span_id(self) -> u64 {
        self.span_id
    }

    /// Flags: bit 0 says the trace is sampled.
    pub fn flags(self) -> u8 {
        self.flags
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.span_id, self.flags)
    }
}

impl FromStr for TraceParent {
    type Err = TraceParentError;

    fn from_str(text: &str) -> Result<Self, TraceParentError> {
        let hex = |part: &str, len: usize| {
            (part.len() == len && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)))
                .then(|| u128::from_str_radix(part, 16).ok())
                .flatten()
        };
        let parse = || {
            let mut parts = text.split('-');
            let version = hex(parts.next()?, 2)?;
            let trace_id = hex(parts.next()?, 32)?;
            let span_id = u64::try_from(hex(parts.next()?, 16)?).ok()?;
            let flags = u8::try_from(hex(parts.next()?, 2)?).ok()?;
            // A later version may append fields; version 00 may not, and ff is forbidden.
            if version == 0xff || (version == 0 && parts.next().is_some()) {
                return None;
            }
            Self::new(trace_id, span_id, flags)
        };
        parse().ok_or_else(|| TraceParentError { text: text.to_owned() })
    }
}

/// The text is no `traceparent`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no traceparent of W3C Trace Context, such as `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`"
)]
pub struct TraceParentError {
    text: String,
}

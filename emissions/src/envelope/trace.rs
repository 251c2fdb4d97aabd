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
            match version {
                0 if parts.next().is_none() => Self::new(trace_id, span_id, flags),
                // Version ff is forbidden, and version 00 has no further fields.
                0 | 0xff => None,
                // A later version may append fields; of its flags only "sampled" is known.
                _ => Self::new(trace_id, span_id, flags & 1),
            }
        };
        parse().ok_or_else(|| TraceParentError { text: super::text::excerpt(text) })
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

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: &str = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";

    #[test]
    fn version_00_is_read_and_written() {
        let text = format!("00-{IDS}-03");
        let trace: TraceParent = text.parse().unwrap();
        assert_eq!(trace.trace_id(), 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c);
        assert_eq!(trace.span_id(), 0xb7ad_6b71_6920_3331);
        assert_eq!(trace.flags(), 3);
        assert_eq!(trace.to_string(), text);
    }

    #[test]
    fn of_a_later_version_only_what_is_known_is_kept() {
        let trace: TraceParent = format!("cc-{IDS}-ff-more-to-come").parse().unwrap();
        assert_eq!(trace.to_string(), format!("00-{IDS}-01"));
    }

    #[test]
    fn everything_else_is_refused() {
        let zero_trace = "00-00000000000000000000000000000000-b7ad6b7169203331-01".to_owned();
        let zero_span = "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01".to_owned();
        for text in [
            String::new(),
            zero_trace,
            zero_span,
            format!("00-{IDS}"),
            format!("00-{IDS}-1"),
            format!("00-{IDS}-01-"),
            format!("00-{IDS}-01-more"),
            format!("ff-{IDS}-01"),
            format!("00-{}-01", IDS.to_uppercase()),
            format!("00-{IDS}-€"),
            format!(" 00-{IDS}-01"),
        ] {
            assert!(text.parse::<TraceParent>().is_err(), "{text}");
        }
    }
}

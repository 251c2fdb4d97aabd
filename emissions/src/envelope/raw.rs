//! An envelope whose payload is still bytes.

use std::{fmt, ops::Deref, sync::Arc};

use super::EnvelopeHead;

/// An event whose payload has not been parsed: what adapters carry and pattern listeners take.
///
/// Dereferences to [`EnvelopeHead`]. A clone shares the payload. `Debug` shows the payload's size
/// only: which of its fields are sensitive is not known here.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct RawEnvelope {
    /// Everything but the payload.
    pub head: EnvelopeHead,
    /// The payload: JSON in UTF-8.
    pub payload: Arc<[u8]>,
}

impl RawEnvelope {
    pub(crate) fn new(head: EnvelopeHead, payload: Arc<[u8]>) -> Self {
        Self { head, payload }
    }
}

impl Deref for RawEnvelope {
    type Target = EnvelopeHead;

    fn deref(&self) -> &EnvelopeHead {
        &self.head
    }
}

impl fmt::Debug for RawEnvelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawEnvelope")
            .field("head", &self.head)
            .field("payload", &format_args!("{} bytes", self.payload.len()))
            .finish()
    }
}

//! The envelope every event travels in.

mod attributes;
mod raw;
mod timestamp;
mod trace;

use std::{borrow::Cow, fmt, ops::Deref, sync::Arc};

use uuid::Uuid;

pub use self::{
    attributes::{AttributeError, Attributes},
    raw::RawEnvelope,
    timestamp::{Timestamp, TimestampError},
    trace::{TraceParent, TraceParentError},
};
use crate::event::Event;

/// Everything an envelope says about its event, without the payload.
///
/// Both [`Envelope`] and [`RawEnvelope`] dereference to it. Its texts are shared, so a clone costs
/// a few reference counts.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EnvelopeHead {
    /// Identity of this event: a UUID of version 7, so ids sort by time. `id` on the wire.
    pub event_id: Uuid,
    /// Name of the event without its version, such as `order.created`.
    pub event_type: Cow<'static, str>,
    /// Version of the payload's shape; together with the name it is `type` on the wire.
    pub event_version: u32,
    /// The service that emitted it: a URI reference from `Builder::source`.
    pub event_source: Arc<str>,
    /// When it was emitted, UTC, to the microsecond. `time` on the wire.
    pub occurred_at: Timestamp,
    /// What the event is about within its source.
    pub subject: Option<Arc<str>>,
    /// Events with one key keep their order. `partitionkey` on the wire.
    pub partition_key: Option<Arc<str>>,
    /// Id shared by everything that one first event led to. `correlationid` on the wire.
    pub correlation_id: Uuid,
    /// Id of the event whose listener emitted this one. `causationid` on the wire.
    pub causation_id: Option<Uuid>,
    /// W3C trace context in which the event was emitted. `traceparent` on the wire.
    pub trace_parent: Option<TraceParent>,
    /// Vendor data that goes with the trace context. `tracestate` on the wire.
    pub trace_state: Option<Arc<str>>,
    /// Position within its source and partition key; sorts as text. `sequence` on the wire.
    pub sequence: Option<Arc<str>>,
    /// Metadata given to the emit: extension attributes on the wire.
    pub attributes: Attributes,
}

impl EnvelopeHead {
    /// Name and version as the wire carries them: `order.created.v1`.
    pub fn wire_type(&self) -> String {
        format!("{}.v{}", self.event_type, self.event_version)
    }
}

/// An event with its envelope.
///
/// Dereferences to [`EnvelopeHead`], so `envelope.event_id` and `envelope.payload` both work.
/// `Debug` shows the payload with its `#[field(sensitive)]` fields redacted.
#[derive(Clone)]
#[non_exhaustive]
pub struct Envelope<E> {
    /// Everything but the payload.
    pub head: EnvelopeHead,
    /// The event itself.
    pub payload: E,
}

impl<E> Envelope<E> {
    pub(crate) fn new(head: EnvelopeHead, payload: E) -> Self {
        Self { head, payload }
    }
}

impl<E> Deref for Envelope<E> {
    type Target = EnvelopeHead;

    fn deref(&self) -> &EnvelopeHead {
        &self.head
    }
}

impl<E: Event> fmt::Debug for Envelope<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope").field("head", &self.head).field("payload", &Redacted(&self.payload)).finish()
    }
}

/// Shows an event as JSON, its sensitive fields replaced.
pub(crate) struct Redacted<'a, E>(pub(crate) &'a E);

impl<E: Event> fmt::Debug for Redacted<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A value that can't be shown is no reason to fail while showing something else.
        let value = crate::dispatch::contain::contain(|| serde_json::to_value(self.0));
        let Ok(Ok(mut value)) = value else { return f.write_str("<not serialisable>") };
        if let Some(object) = value.as_object_mut() {
            for field in E::descriptor().fields.iter().filter(|field| field.sensitive) {
                if let Some(content) = object.get_mut(field.wire_name) {
                    *content = serde_json::Value::from("[redacted]");
                }
            }
        }
        write!(f, "{value}")
    }
}

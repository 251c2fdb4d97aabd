//! The envelope every event travels in.

mod attributes;
pub(crate) mod foreign;
pub(crate) mod inheritance;
mod raw;
mod redact;
pub(crate) mod text;
mod timestamp;
mod trace;
pub(crate) mod uri;

use std::{borrow::Cow, fmt, ops::Deref, sync::Arc};

use foreign::Foreign;
use inheritance::Inheritance;
pub(crate) use redact::Redacted;

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
    ///
    /// An event from other software whose `id` is no UUID has one of version 5 here, derived from
    /// `source` and `id`; [`wire_id`](Self::wire_id) gives the text.
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
    pub(crate) foreign: Foreign,
}

impl EnvelopeHead {
    /// Name and version as the wire carries them: `order.created.v1`.
    pub fn wire_type(&self) -> String {
        format!("{}.v{}", self.event_type, self.event_version)
    }

    /// `id` as the wire carries it: the UUID, or what other software wrote there.
    pub fn wire_id(&self) -> Cow<'_, str> {
        self.foreign.event(self.event_id)
    }

    /// `correlationid` as the wire carries it: the UUID, or what other software wrote there.
    pub fn wire_correlation_id(&self) -> Cow<'_, str> {
        self.foreign.correlation(self.correlation_id)
    }

    /// `causationid` as the wire carries it: the UUID, or what other software wrote there.
    pub fn wire_causation_id(&self) -> Option<Cow<'_, str>> {
        self.causation_id.map(|uuid| self.foreign.causation(uuid))
    }

    /// `dataschema` on the wire: the id of the event's JSON Schema, or what other software wrote
    /// there; `None` for an event from elsewhere that names no schema.
    pub fn data_schema(&self) -> Option<Cow<'_, str>> {
        match self.foreign.schema() {
            Some(schema) => schema.text().map(Cow::Borrowed),
            None => Some(Cow::Owned(schema_id(&self.event_type, self.event_version))),
        }
    }

    /// Makes this the head of an event that a listener of `cause` emitted: correlation, causation
    /// and trace context are copied, in the words of other software where `cause` has such.
    ///
    /// Where the `id` of `cause` is no UUID, the causation id is derived from its text alone, as it
    /// is by everybody who reads this event later: on the wire `causationid` says no `source`.
    pub fn set_cause(&mut self, cause: &Self) {
        self.inherit(&Inheritance::of(cause));
    }
}

/// `dataschema` of an event of ours.
pub(crate) fn schema_id(name: &str, version: u32) -> String {
    format!("urn:emissions:{name}:v{version}")
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

impl<E: Event> Envelope<E> {
    /// The envelope of a first event: a fresh id, the time of now, no cause, and the partition key
    /// of the payload. For calling a listener that takes `&Envelope<E>` in a unit test, and for
    /// writing events where no `Emissions` runs.
    ///
    /// `source` should be a URI reference that is not empty: one that is not can't be encoded.
    pub fn from_source(source: impl Into<Arc<str>>, payload: E) -> Self {
        let event_id = Uuid::now_v7();
        let head = EnvelopeHead {
            event_id,
            event_type: Cow::Borrowed(E::NAME),
            event_version: E::VERSION,
            event_source: source.into(),
            occurred_at: Timestamp::now(),
            subject: None,
            partition_key: payload.partition_key().filter(|key| !key.is_empty()).map(|key| Arc::from(&*key)),
            correlation_id: event_id,
            causation_id: None,
            trace_parent: None,
            trace_state: None,
            sequence: None,
            attributes: Attributes::default(),
            foreign: Foreign::default(),
        };
        Self::new(head, payload)
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

//! One emission: an event with what is to be said about it.

use std::{fmt, sync::Arc, time::Duration, time::SystemTime};

use uuid::Uuid;

use crate::{
    Emissions,
    buffer::BufferLimit,
    dispatch::{self, Cause, contain::contain},
    envelope::{AttributeError, Attributes, Envelope, EnvelopeHead, Timestamp, TraceParent, foreign::Foreign},
    event::Event,
    event_id::event_id,
    gate::{CascadeChain, Gate, GateError},
};

/// An event and its metadata, not emitted yet; from [`Emissions::emission`] or `Ctx::emission`.
///
/// ```standalone_crate
/// # use emissions::{event, on_event, Emissions};
/// # use std::time::Duration;
/// /// An order was placed.
/// #[event(name = "order.placed")]
/// struct OrderPlaced {
///     /// Order that was placed.
///     order_id: u64,
/// }
/// # #[on_event] async fn count(_event: &OrderPlaced) {}
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emissions = Emissions::builder().source("/orders").start().await?;
/// let gate = emissions
///     .emission(OrderPlaced { order_id: 7 })
///     .subject("orders/7")
///     .key("customer-3")
///     .attribute("tenant", "acme")
///     .within(Duration::from_secs(5))
///     .emit_async()
///     .await?;
/// # drop(gate); Ok(()) }
/// ```
#[must_use = "an emission does nothing until `emit` or `emit_async` is called"]
pub struct Emission<'a, E: Event> {
    pub(crate) emissions: &'a Emissions,
    pub(crate) event: E,
    pub(crate) metadata: Metadata,
    pub(crate) within: Option<Duration>,
}

/// An emission ready to go.
pub(crate) struct Prepared<E> {
    pub(crate) envelope: Envelope<E>,
    pub(crate) cause: Option<Cause>,
    pub(crate) invalid: Option<AttributeError>,
}

impl<'a, E: Event> Emission<'a, E> {
    pub(crate) fn new(emissions: &'a Emissions, event: E, cause: Option<Cause>) -> Self {
        // Inside a listener, whoever emits is caused by its event.
        let cause = cause.or_else(dispatch::ambient::cause);
        Self { emissions, event, metadata: Metadata { cause, ..Metadata::default() }, within: None }
    }

    /// What the event is about within its source.
    pub fn subject(mut self, subject: impl Into<Arc<str>>) -> Self {
        self.metadata.subject = Some(subject.into());
        self
    }

    /// Partition key, instead of the field marked `#[field(key)]`.
    pub fn key(mut self, key: impl Into<Arc<str>>) -> Self {
        self.metadata.key = Some(key.into());
        self
    }

    /// Adds an extension attribute. A name that is none (see [`Attributes::insert`]) is an error of
    /// the emit.
    pub fn attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.attribute(name, value);
        self
    }

    /// The W3C trace context in which the event is emitted, instead of that of the event being handled.
    pub fn trace_parent(mut self, trace_parent: TraceParent) -> Self {
        self.metadata.trace = Some(trace_parent);
        self
    }

    /// How long [`emit_async`](Self::emit_async) waits: who has not settled by then is cancelled and
    /// reported as timed out.
    pub fn within(mut self, duration: Duration) -> Self {
        self.within = Some(duration);
        self
    }

    /// As [`Emissions::emit_async`].
    ///
    /// # Errors
    ///
    /// As there; also [`GateError::InvalidAttribute`].
    #[must_use = "nobody is called, and nothing is known of the listeners, until the future is awaited"]
    pub fn emit_async(self) -> impl Future<Output = Result<Gate<E>, GateError<E>>> + Send + use<'a, E> {
        dispatch::gate::emit(self)
    }

    /// As [`Emissions::emit`].
    ///
    /// # Errors
    ///
    /// As there; also [`EmitErrorKind::InvalidAttribute`].
    pub fn emit(self) -> Result<Admission, EmitError<E>> {
        let (emissions, prepared) = self.prepare();
        emissions.enqueue(prepared)
    }

    pub(crate) fn prepare(self) -> (&'a Emissions, Prepared<E>) {
        let Self { emissions, event, metadata, within: _ } = self;
        let now = SystemTime::now();
        let cause = metadata.cause.clone();
        let (envelope, invalid) = metadata.envelope(emissions.source(), event_id(now), now, event);
        (emissions, Prepared { envelope, cause, invalid })
    }
}

/// What is said about an event besides its payload.
#[derive(Default)]
pub(crate) struct Metadata {
    pub(crate) subject: Option<Arc<str>>,
    pub(crate) key: Option<Arc<str>>,
    pub(crate) attributes: Attributes,
    pub(crate) trace: Option<TraceParent>,
    /// The first attribute that could not be one.
    pub(crate) invalid: Option<AttributeError>,
    pub(crate) cause: Option<Cause>,
}

impl Metadata {
    pub(crate) fn attribute(&mut self, name: impl Into<String>, value: impl Into<String>) {
        if let Err(error) = self.attributes.insert(name, value) {
            self.invalid.get_or_insert(error);
        }
    }

    /// The envelope of an event emitted at `at`, and the first attribute that could not be one.
    pub(crate) fn envelope<E: Event>(
        self,
        source: Arc<str>,
        event_id: Uuid,
        at: SystemTime,
        event: E,
    ) -> (Envelope<E>, Option<AttributeError>) {
        let mut metadata = self;
        metadata.take_key(&event);
        let (head, invalid) = metadata.head::<E>(source, event_id, at);
        (Envelope::new(head, event), invalid)
    }

    /// Takes the partition key from the event, unless one was given.
    #[inline]
    pub(crate) fn take_key<E: Event>(&mut self, event: &E) {
        if self.key.is_none() {
            // Writing a field of the user's is the user's code.
            self.key = contain(|| event.partition_key().map(|key| Arc::from(&*key))).unwrap_or_else(|_| {
                self.invalid.get_or_insert(AttributeError::Unreadable { name: "partitionkey".to_owned() });
                None
            });
        }
    }

    /// The head of an event emitted at `at`, its key taken, and the first attribute that could not be one.
    #[inline]
    pub(crate) fn head<E: Event>(
        self,
        source: Arc<str>,
        event_id: Uuid,
        at: SystemTime,
    ) -> (EnvelopeHead, Option<AttributeError>) {
        let Self { subject, key, attributes, trace, invalid, cause } = self;
        let mut head = EnvelopeHead {
            event_id,
            event_type: E::NAME.into(),
            event_version: E::VERSION,
            event_source: source,
            occurred_at: Timestamp::from(at),
            subject,
            partition_key: key.filter(|key| !key.is_empty()),
            correlation_id: event_id,
            causation_id: None,
            trace_parent: None,
            trace_state: None,
            sequence: None,
            attributes,
            foreign: Foreign::default(),
        };
        if let Some(cause) = &cause {
            head.inherit(cause.inheritance());
        }
        head.trace_parent = trace.or(head.trace_parent);
        (head, invalid)
    }
}

/// An event was admitted: it is in the queue, and nothing is known yet of its listeners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "admission says that the event is in the queue, not that anybody handled it"]
pub struct Admission {
    pub(crate) event_id: Uuid,
    pub(crate) listeners: usize,
}

impl Admission {
    /// Identity of the event.
    pub fn event_id(&self) -> Uuid {
        self.event_id
    }

    /// How many listeners will get it. With none, the event is counted as dropped.
    pub fn listeners(&self) -> usize {
        self.listeners
    }
}

/// An event was not admitted. Owns the event.
pub struct EmitError<E> {
    kind: EmitErrorKind,
    event: Box<E>,
}

/// Why an event was not admitted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EmitErrorKind {
    /// The queue is full.
    Full {
        /// How many events it holds.
        capacity: usize,
    },
    /// `shutdown` was called before.
    ShutDown,
    /// Metadata given to the emission can't become an attribute.
    InvalidAttribute(AttributeError),
    /// The cascade is too deep.
    CascadeTooDeep(CascadeChain),
    /// There is no open buffer: none was started, or it was committed or terminated before.
    NotStarted,
    /// The buffer has reached a limit.
    BufferFull(BufferLimit),
    /// The queue of an adapter on the event's route is full. Nothing was queued anywhere.
    AdapterFull {
        /// Name of the adapter.
        adapter: String,
    },
    /// An adapter on the event's route takes no event of this size.
    TooLarge {
        /// Name of the adapter.
        adapter: String,
        /// Size of the payload in bytes.
        bytes: usize,
        /// Largest payload the adapter takes.
        limit: usize,
    },
    /// The event has a route, or its size counts, and it can't be written as JSON.
    Unserialisable(String),
}

impl EmitErrorKind {
    /// The kind as a word, for labels.
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Self::Full { .. } => "full",
            Self::ShutDown => "shut_down",
            Self::InvalidAttribute(_) => "invalid_attribute",
            Self::CascadeTooDeep(_) => "cascade_too_deep",
            Self::AdapterFull { .. } => "adapter_full",
            Self::TooLarge { .. } => "too_large",
            Self::NotStarted => "not_started",
            Self::BufferFull(_) => "buffer_full",
            Self::Unserialisable(_) => "unserialisable",
        }
    }
}

impl<E> EmitError<E> {
    pub(crate) fn new(kind: EmitErrorKind, event: E) -> Self {
        Self { kind, event: Box::new(event) }
    }

    /// Why.
    pub fn kind(&self) -> &EmitErrorKind {
        &self.kind
    }

    /// The event.
    pub fn event(&self) -> &E {
        &self.event
    }

    /// Takes the event out.
    pub fn into_event(self) -> E {
        *self.event
    }
}

impl<E: Event> fmt::Display for EmitError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was not emitted: ", E::NAME)?;
        match &self.kind {
            EmitErrorKind::Full { capacity } => write!(f, "the queue is full with {capacity} events"),
            EmitErrorKind::ShutDown => f.write_str("the emissions are shut down"),
            EmitErrorKind::InvalidAttribute(error) => write!(f, "{error}"),
            EmitErrorKind::CascadeTooDeep(chain) => write!(f, "{chain}"),
            EmitErrorKind::NotStarted => f.write_str("no buffer is open"),
            EmitErrorKind::BufferFull(limit) => write!(f, "the buffer is full: {limit}"),
            EmitErrorKind::AdapterFull { adapter } => write!(f, "the queue of the adapter `{adapter}` is full"),
            EmitErrorKind::TooLarge { adapter, bytes, limit } => {
                write!(f, "it has {bytes} bytes, and the adapter `{adapter}` takes {limit} at most")
            }
            EmitErrorKind::Unserialisable(why) => f.write_str(why),
        }
    }
}

impl<E: Event> fmt::Debug for EmitError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmitError").field("event_type", &E::NAME).field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl<E: Event> std::error::Error for EmitError<E> {}

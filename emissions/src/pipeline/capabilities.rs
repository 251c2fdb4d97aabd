//! What an adapter can promise.

use std::fmt;

use crate::event::DeliveryNeed;

/// What an adapter can promise; nothing, unless it says so.
///
/// ```
/// use emissions::Capabilities;
///
/// let sqs = Capabilities::default().durable().headers().max_bytes(1024 * 1024);
/// assert!(sqs.durable && !sqs.ordered);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a promise of its own")]
#[non_exhaustive]
pub struct Capabilities {
    /// Keeps the order of events of one partition key, also when it fails half-way.
    pub ordered: bool,
    /// An event it has acknowledged outlives a crash.
    pub durable: bool,
    /// Takes a batch as a whole or not at all.
    pub atomic_batch: bool,
    /// Keeps one copy of an event that is delivered twice.
    pub dedupe: bool,
    /// Carries attributes beside the payload, so that readers can filter without parsing it.
    pub headers: bool,
    /// Largest payload it takes, in bytes; larger events are refused where they are emitted.
    pub max_bytes: Option<usize>,
}

impl Capabilities {
    /// Promises [`ordered`](Self#structfield.ordered).
    #[must_use]
    pub fn ordered(mut self) -> Self {
        self.ordered = true;
        self
    }

    /// Promises [`durable`](Self#structfield.durable).
    #[must_use]
    pub fn durable(mut self) -> Self {
        self.durable = true;
        self
    }

    /// Promises [`atomic_batch`](Self#structfield.atomic_batch).
    #[must_use]
    pub fn atomic_batch(mut self) -> Self {
        self.atomic_batch = true;
        self
    }

    /// Promises [`dedupe`](Self#structfield.dedupe).
    #[must_use]
    pub fn dedupe(mut self) -> Self {
        self.dedupe = true;
        self
    }

    /// Promises [`headers`](Self#structfield.headers).
    #[must_use]
    pub fn headers(mut self) -> Self {
        self.headers = true;
        self
    }

    /// Limits the size of a payload.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// What an event asks for and this adapter can't give.
    pub(crate) fn lacks(&self, need: DeliveryNeed) -> Option<&'static str> {
        match need {
            DeliveryNeed::BestEffort => None,
            DeliveryNeed::Durable => (!self.durable).then_some("durable"),
            DeliveryNeed::DurableOrdered => match (self.durable, self.ordered) {
                (true, true) => None,
                (false, true) => Some("durable"),
                (true, false) => Some("ordered"),
                (false, false) => Some("durable and ordered"),
            },
        }
    }
}

impl fmt::Display for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ordered, durable, atomic_batch, dedupe, headers, max_bytes } = *self;
        let promises = [
            (ordered, "ordered"),
            (durable, "durable"),
            (atomic_batch, "atomic batch"),
            (dedupe, "dedupe"),
            (headers, "headers"),
        ];
        let given: Vec<_> = promises.into_iter().filter_map(|(given, name)| given.then_some(name)).collect();
        f.write_str(if given.is_empty() { "best effort" } else { "" })?;
        f.write_str(&given.join(", "))?;
        match max_bytes {
            Some(bytes) => write!(f, ", at most {bytes} bytes"),
            None => Ok(()),
        }
    }
}

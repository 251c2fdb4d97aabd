//! How the pipeline treats one adapter.

use std::time::Duration;

use super::room::Need;
use crate::listener::{Backoff, RetryRule};

/// How the pipeline treats one adapter: its queue, batches, retries, timeout and circuit breaker.
///
/// ```
/// use emissions::{AdapterOptions, Overflow};
/// use std::time::Duration;
///
/// let options = AdapterOptions::default()
///     .capacity(10_000, 64 * 1024 * 1024)
///     .overflow(Overflow::ShedOldest)
///     .batch(500, 1024 * 1024)
///     .linger(Duration::from_millis(20))
///     .retry(8, Duration::from_millis(100), Duration::from_secs(60))
///     .timeout(Duration::from_secs(10))
///     .breaker(5, Duration::from_secs(5));
/// # let _ = options;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdapterOptions {
    pub(crate) capacity: Need,
    pub(crate) overflow: Overflow,
    pub(crate) batch: Need,
    pub(crate) linger: Duration,
    pub(crate) retry: RetryRule,
    pub(crate) timeout: Duration,
    pub(crate) breaker: Option<BreakerRule>,
}

/// What happens to an event when the queue of an adapter is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// `emit` refuses, `emit_async` and `commit` wait.
    #[default]
    Block,
    /// The event does not go to this adapter; counted as shed.
    ShedNewest,
    /// The oldest event in the queue makes room; counted as shed.
    ShedOldest,
}

/// When an adapter is left alone for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BreakerRule {
    pub(crate) failures: u32,
    pub(crate) pause: Duration,
}

impl Default for AdapterOptions {
    fn default() -> Self {
        Self {
            capacity: Need { events: 1024, bytes: 16 * 1024 * 1024 },
            overflow: Overflow::Block,
            batch: Need { events: 64, bytes: 1024 * 1024 },
            linger: Duration::ZERO,
            retry: RetryRule {
                attempts: 5,
                backoff: Backoff { first: Duration::from_millis(100), longest: Duration::from_secs(30) },
            },
            timeout: Duration::from_secs(30),
            breaker: Some(BreakerRule { failures: 5, pause: Duration::from_secs(5) }),
        }
    }
}

impl AdapterOptions {
    /// How many events, and how many bytes of payload, the adapter may have that are not settled:
    /// queued, under way or waiting for another try. 1,024 and 16 MiB unless set.
    #[must_use]
    pub fn capacity(mut self, events: usize, bytes: usize) -> Self {
        self.capacity = Need { events, bytes };
        self
    }

    /// What happens when that is reached; [`Overflow::Block`] unless set.
    #[must_use]
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = overflow;
        self
    }

    /// Most events, and most bytes of payload, in one batch; 64 and 1 MiB unless set. A larger event
    /// is a batch by itself.
    #[must_use]
    pub fn batch(mut self, events: usize, bytes: usize) -> Self {
        self.batch = Need { events, bytes };
        self
    }

    /// How long a batch that is not full waits for more; not at all unless set.
    #[must_use]
    pub fn linger(mut self, linger: Duration) -> Self {
        self.linger = linger;
        self
    }

    /// How often an event is tried, the first time included, before it is parked, and the upper
    /// bounds of the first and of every pause in between. Pauses double and have full jitter. 5
    /// attempts, 100 ms and 30 s unless set.
    #[must_use]
    pub fn retry(mut self, attempts: u32, first: Duration, longest: Duration) -> Self {
        self.retry = RetryRule { attempts, backoff: Backoff { first, longest } };
        self
    }

    /// How long one call of the adapter may take; 30 s unless set.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// After how many calls in a row that delivered nothing the adapter is left alone, and for how
    /// long; 5 and 5 s unless set. Then one event is tried. While that goes on no attempts are used
    /// up, so an outage parks nothing; an `emit_async` fails at once instead of waiting for its end.
    #[must_use]
    pub fn breaker(mut self, failures: u32, pause: Duration) -> Self {
        self.breaker = Some(BreakerRule { failures, pause });
        self
    }

    /// No circuit breaker.
    #[must_use]
    pub fn without_breaker(mut self) -> Self {
        self.breaker = None;
        self
    }

    /// What can't be.
    pub(crate) fn faults(&self) -> Vec<(&'static str, &'static str)> {
        let mut faults = Vec::new();
        if self.capacity.events == 0 || self.capacity.bytes == 0 {
            faults.push(("has no room for any event", "set its `capacity` to 1 or more events and bytes"));
        }
        if self.batch.events == 0 {
            faults.push(("has batches without events", "set its `batch` to 1 or more"));
        }
        if self.retry.attempts == 0 {
            faults.push(("never tries anything", "set the attempts of its `retry` to 1 or more"));
        }
        if self.timeout.is_zero() {
            faults.push(("has no time for any call", "set its `timeout` to more than nothing"));
        }
        if self.breaker.is_some_and(|breaker| breaker.failures == 0) {
            faults.push(("is never tried", "set the failures of its `breaker` to 1 or more"));
        }
        faults
    }
}

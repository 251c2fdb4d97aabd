//! The end: what was delivered, what is kept, what is lost.

use std::time::Duration;

use tokio::time::Instant;

use crate::counters::Counters;

/// How long cancelled tasks get to notice.
pub(crate) const GRACE: Duration = Duration::from_secs(1);

/// Until when `shutdown` waits: a duration from now, or an instant.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(pub(crate) Instant);

impl From<Duration> for Deadline {
    fn from(duration: Duration) -> Self {
        let now = Instant::now();
        // Far enough to mean "for ever" where the sum can't be expressed.
        Self(now.checked_add(duration).unwrap_or_else(|| now + Duration::from_hours(8760)))
    }
}

impl From<Instant> for Deadline {
    fn from(instant: Instant) -> Self {
        Self(instant)
    }
}

/// What became of everything that was emitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a shutdown may have lost events: look at `lost`, or call `lossless`"]
#[non_exhaustive]
pub struct ShutdownReport {
    /// Events all of whose listeners succeeded.
    pub delivered: u64,
    /// Events kept for another try: in the failure sink or a dead-letter store.
    pub parked: u64,
    /// Events that were still under way at the deadline, or that newer ones pushed out of the queue.
    pub lost: u64,
    /// Pieces of work listeners let go with `Ctx::detach`, since the start.
    pub detached: u64,
    /// Of those, the ones that ended with an error or a panic; each is in the log.
    pub detached_failed: u64,
    /// Of those, the ones that were still under way at the deadline and were cancelled.
    pub detached_cancelled: u64,
}

impl ShutdownReport {
    pub(crate) fn new(counters: &Counters, [detached, detached_failed, detached_cancelled]: [u64; 3]) -> Self {
        Self {
            delivered: counters.delivered,
            parked: counters.failed,
            lost: counters.dropped_shutdown + counters.dropped_shed + counters.in_flight,
            detached,
            detached_failed,
            detached_cancelled,
        }
    }

    /// The report as a success, or as an error if anything was lost.
    ///
    /// # Errors
    ///
    /// [`EventsLost`] with the report, if events were lost or detached work was cancelled.
    pub fn lossless(self) -> Result<Self, EventsLost> {
        if self.lost == 0 && self.detached_cancelled == 0 { Ok(self) } else { Err(EventsLost { report: self }) }
    }
}

/// A shutdown lost events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the shutdown lost {} events and cancelled {} pieces of detached work",
    report.lost,
    report.detached_cancelled
)]
pub struct EventsLost {
    /// The whole report.
    pub report: ShutdownReport,
}

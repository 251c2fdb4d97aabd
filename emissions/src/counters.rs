//! Where every emitted event ended up.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use tokio::sync::Notify;

/// Where every event emitted so far ended up.
///
/// `emitted == delivered + failed + dropped() + buffered + in_flight`, always: nothing is dropped in silence.
/// The reading is exact when nothing is being emitted; otherwise it is a moment's picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Events admitted, by `emit` or `emit_async`.
    pub emitted: u64,
    /// Events all of whose listeners succeeded.
    pub delivered: u64,
    /// Events of which at least one listener did not succeed.
    pub failed: u64,
    /// Events nobody listens to.
    pub dropped_unheard: u64,
    /// Events whose `emit_async` future was dropped before everybody had settled.
    pub dropped_cancelled: u64,
    /// Events that were still under way when the deadline of `shutdown` passed.
    pub dropped_shutdown: u64,
    /// Events of a buffer that was terminated: by its owner, by the `Err` of its scope, or by the
    /// rule of its layer.
    pub dropped_terminated: u64,
    /// Events of a buffer nobody decided about: a panic, a cancellation, or a handle that was
    /// forgotten; [`Emissions::abandoned`](crate::Emissions::abandoned) says where it was started.
    pub dropped_abandoned: u64,
    /// Events of a buffer that a queue had no room for in the time a layer grants.
    pub dropped_full: u64,
    /// Events emitted in a scope whose buffer was not open.
    pub dropped_not_started: u64,
    /// Events in buffers that are open.
    pub buffered: u64,
    /// Events admitted but not settled.
    pub in_flight: u64,
}

impl Counters {
    /// Events dropped, for whatever reason.
    pub fn dropped(&self) -> u64 {
        self.dropped_unheard
            + self.dropped_cancelled
            + self.dropped_shutdown
            + self.dropped_terminated
            + self.dropped_abandoned
            + self.dropped_full
            + self.dropped_not_started
    }
}

/// The counters themselves, and the signal that nothing is under way any more.
#[derive(Default)]
pub(crate) struct Ledger {
    emitted: AtomicU64,
    delivered: AtomicU64,
    failed: AtomicU64,
    unheard: AtomicU64,
    cancelled: AtomicU64,
    shutdown: AtomicU64,
    /// Events that ever entered a buffer, and those that left one, for whatever reason.
    buffered: AtomicU64,
    unbuffered: AtomicU64,
    terminated: AtomicU64,
    abandoned: AtomicU64,
    full: AtomicU64,
    not_started: AtomicU64,
    background: AtomicU64,
    idle: Notify,
}

impl Ledger {
    pub(crate) fn admit(self: &Arc<Self>, fate: Unsettled) -> Emitted {
        self.emitted.fetch_add(1, Relaxed);
        Emitted { ledger: Arc::clone(self), unsettled: fate, settled: false }
    }

    /// Counts an event that enters a buffer.
    #[inline]
    pub(crate) fn buffer(&self) {
        self.buffered.fetch_add(1, Relaxed);
    }

    /// Counts an event that leaves its buffer for a queue.
    pub(crate) fn admit_buffered(self: &Arc<Self>, fate: Unsettled) -> Emitted {
        self.unbuffered.fetch_add(1, Relaxed);
        Emitted { ledger: Arc::clone(self), unsettled: fate, settled: false }
    }

    /// Counts events that leave their buffer and go nowhere.
    pub(crate) fn discard(&self, events: u64, reason: Discarded) {
        let counter = match reason {
            Discarded::Terminated => &self.terminated,
            Discarded::Abandoned => &self.abandoned,
            Discarded::Full => &self.full,
            Discarded::ShutDown => &self.shutdown,
        };
        counter.fetch_add(events, Relaxed);
        self.unbuffered.fetch_add(events, Relaxed);
    }

    /// Counts an event that was emitted without an open buffer.
    pub(crate) fn not_started(&self) {
        self.emitted.fetch_add(1, Relaxed);
        self.not_started.fetch_add(1, Relaxed);
    }

    pub(crate) fn read(&self) -> Counters {
        // Read in the order in which an event passes them backwards, so that the sum never exceeds `emitted`.
        let mut counters = Counters {
            delivered: self.delivered.load(Relaxed),
            failed: self.failed.load(Relaxed),
            dropped_unheard: self.unheard.load(Relaxed),
            dropped_cancelled: self.cancelled.load(Relaxed),
            dropped_shutdown: self.shutdown.load(Relaxed),
            dropped_terminated: self.terminated.load(Relaxed),
            dropped_abandoned: self.abandoned.load(Relaxed),
            dropped_full: self.full.load(Relaxed),
            dropped_not_started: self.not_started.load(Relaxed),
            ..Counters::default()
        };
        let unbuffered = self.unbuffered.load(Relaxed);
        let buffered = self.buffered.load(Relaxed);
        counters.buffered = buffered.saturating_sub(unbuffered);
        counters.emitted = self.emitted.load(Relaxed) + buffered;
        let settled = counters.delivered + counters.failed + counters.dropped() + counters.buffered;
        counters.in_flight = counters.emitted.saturating_sub(settled);
        counters
    }

    /// Counts a task in the background until the guard is dropped.
    pub(crate) fn background(self: &Arc<Self>) -> Background {
        self.background.fetch_add(1, Relaxed);
        Background { ledger: Arc::clone(self) }
    }

    /// Waits until no event is in flight and nothing runs in the background.
    pub(crate) async fn idle(&self) {
        loop {
            let notified = self.idle.notified();
            tokio::pin!(notified);
            // Armed before the check, or the last event could settle in between.
            notified.as_mut().enable();
            if self.read().in_flight == 0 && self.background.load(Relaxed) == 0 {
                return;
            }
            notified.await;
        }
    }
}

/// Why events left their buffer without being handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Discarded {
    Terminated,
    Abandoned,
    #[cfg_attr(not(feature = "tower"), expect(dead_code, reason = "only a layer limits the time"))]
    Full,
    ShutDown,
}

/// What an event counts as if it is dropped before it has settled.
#[derive(Clone, Copy)]
pub(crate) enum Unsettled {
    Cancelled,
    Shutdown,
}

/// One admitted event: it is counted exactly once more, when it settles or is dropped.
pub(crate) struct Emitted {
    ledger: Arc<Ledger>,
    unsettled: Unsettled,
    settled: bool,
}

impl Emitted {
    pub(crate) fn delivered(mut self) {
        self.count(|ledger| &ledger.delivered);
    }

    pub(crate) fn failed(mut self) {
        self.count(|ledger| &ledger.failed);
    }

    pub(crate) fn unheard(mut self) {
        self.count(|ledger| &ledger.unheard);
    }

    fn count(&mut self, counter: impl FnOnce(&Ledger) -> &AtomicU64) {
        self.settled = true;
        counter(&self.ledger).fetch_add(1, Relaxed);
        self.ledger.idle.notify_waiters();
    }
}

impl Drop for Emitted {
    fn drop(&mut self) {
        if !self.settled {
            match self.unsettled {
                Unsettled::Cancelled => self.count(|ledger| &ledger.cancelled),
                Unsettled::Shutdown => self.count(|ledger| &ledger.shutdown),
            }
        }
    }
}

/// Work that runs without anybody waiting for it.
pub(crate) struct Background {
    ledger: Arc<Ledger>,
}

impl Drop for Background {
    fn drop(&mut self) {
        self.ledger.background.fetch_sub(1, Relaxed);
        self.ledger.idle.notify_waiters();
    }
}

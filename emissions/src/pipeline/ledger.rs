//! Where everything handed over to one adapter ended up.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::SeqCst},
};

use tokio::sync::Notify;

use crate::telemetry::LaneNumbers;

/// Where everything handed over to one adapter ended up.
///
/// `handed_over == acked + parked + returned + dropped() + in_flight`, always. The reading is exact
/// when nothing is being handed over; otherwise it is a moment's picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdapterCounters {
    /// Events meant for the adapter, redriven ones included.
    pub handed_over: u64,
    /// Events the adapter has acknowledged.
    pub acked: u64,
    /// Events kept in the dead-letter store.
    pub parked: u64,
    /// Events given back to an `emit_async` or a redrive, which has them still.
    pub returned: u64,
    /// Events that a full queue had no room for; see [`Overflow`](super::options::Overflow).
    pub dropped_shed: u64,
    /// Events whose `emit_async` future was dropped before the adapter had settled them.
    pub dropped_cancelled: u64,
    /// Events given up that the dead-letter store did not take; each is in the log.
    pub dropped_unparked: u64,
    /// Events that were still under way at the deadline of a shutdown.
    pub dropped_shutdown: u64,
    /// Events that are queued, under way or waiting for another try.
    pub in_flight: u64,
}

impl AdapterCounters {
    /// Events dropped, for whatever reason.
    pub fn dropped(&self) -> u64 {
        self.dropped_shed + self.dropped_cancelled + self.dropped_unparked + self.dropped_shutdown
    }
}

/// The counters of one adapter.
#[derive(Default)]
pub(crate) struct LaneLedger {
    handed_over: AtomicU64,
    fates: [AtomicU64; 7],
    settled: Notify,
    pub(crate) numbers: LaneNumbers,
}

/// What became of something handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LaneFate {
    Acked,
    Parked,
    Returned,
    Shed,
    Cancelled,
    Unparked,
    Shutdown,
}

impl LaneLedger {
    pub(crate) fn new(adapter: &str) -> Self {
        Self { numbers: LaneNumbers::new(adapter), ..Self::default() }
    }

    /// Counts an event of so many bytes of payload in.
    pub(crate) fn hand_over(self: &Arc<Self>, bytes: usize) -> Handed {
        self.handed_over.fetch_add(1, SeqCst);
        self.numbers.handed_over(bytes);
        Handed { ledger: Arc::clone(self), fate: LaneFate::Shutdown, bytes }
    }

    pub(crate) fn read(&self) -> AdapterCounters {
        let count = |fate: LaneFate| self.fates[fate as usize].load(SeqCst);
        let mut counters = AdapterCounters {
            acked: count(LaneFate::Acked),
            parked: count(LaneFate::Parked),
            returned: count(LaneFate::Returned),
            dropped_shed: count(LaneFate::Shed),
            dropped_cancelled: count(LaneFate::Cancelled),
            dropped_unparked: count(LaneFate::Unparked),
            dropped_shutdown: count(LaneFate::Shutdown),
            ..AdapterCounters::default()
        };
        // Read last: what was handed over in between is in flight.
        counters.handed_over = self.handed_over.load(SeqCst);
        let settled = counters.acked + counters.parked + counters.returned + counters.dropped();
        counters.in_flight = counters.handed_over.saturating_sub(settled);
        counters
    }

    /// Waits until nothing is in flight.
    pub(crate) async fn idle(&self) {
        loop {
            let settled = self.settled.notified();
            tokio::pin!(settled);
            // Armed before the check, or the last event could settle in between.
            settled.as_mut().enable();
            if self.read().in_flight == 0 {
                return;
            }
            settled.await;
        }
    }
}

/// Something handed over: counted once more when it settles or is dropped.
pub(crate) struct Handed {
    ledger: Arc<LaneLedger>,
    fate: LaneFate,
    bytes: usize,
}

impl Handed {
    pub(crate) fn settle(mut self, fate: LaneFate) {
        self.fate = fate;
    }
}

impl Drop for Handed {
    fn drop(&mut self) {
        self.ledger.numbers.settled(self.fate, self.bytes);
        self.ledger.fates[self.fate as usize].fetch_add(1, SeqCst);
        self.ledger.settled.notify_waiters();
    }
}

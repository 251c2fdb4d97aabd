//! Where every emitted event ended up.

use std::sync::{Arc, Mutex, PoisonError, atomic::AtomicU8};

use tokio::sync::Notify;
use tracing::Span;

use crate::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    telemetry::{self, EventNumbers},
};

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
    /// Events pushed out of a full queue by newer ones; see `Builder::overflow`.
    pub dropped_shed: u64,
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
            + self.dropped_shed
            + self.dropped_shutdown
            + self.dropped_terminated
            + self.dropped_abandoned
            + self.dropped_full
            + self.dropped_not_started
    }
}

/// The counters themselves, and the signal that nothing is under way any more.
///
/// Everything is sequentially consistent, for two reasons. An admission is counted before `closed`
/// is read, and `closed` is set before the sums are read: so either the emitter sees that it came
/// too late, or `shutdown` sees the event. A settlement is counted before `draining` is read, and
/// `draining` is set before the sums are read: so the last settlement wakes the one that waits.
#[derive(Default)]
pub(crate) struct Ledger {
    emitted: AtomicU64,
    delivered: AtomicU64,
    failed: AtomicU64,
    unheard: AtomicU64,
    cancelled: AtomicU64,
    shed: AtomicU64,
    shutdown: AtomicU64,
    /// Events that ever entered a buffer, and those that left one, for whatever reason.
    buffered: AtomicU64,
    unbuffered: AtomicU64,
    terminated: AtomicU64,
    abandoned: AtomicU64,
    full: AtomicU64,
    not_started: AtomicU64,
    /// Tasks without a caller that still run: observers and detached work.
    background: AtomicU64,
    detached: AtomicU64,
    detached_failed: AtomicU64,
    detached_cancelled: AtomicU64,
    /// Nothing further is admitted.
    closed: AtomicBool,
    /// Somebody waits for `idle`; before that, waking nobody would cost a lock.
    draining: AtomicBool,
    idle: Notify,
}

impl Ledger {
    /// Counts an event in; nothing once the books are closed.
    #[inline]
    pub(crate) fn admit(self: &Arc<Self>, fate: Unsettled) -> Option<Emitted> {
        self.emitted.fetch_add(1, SeqCst);
        if self.closed.load(SeqCst) {
            self.emitted.fetch_sub(1, SeqCst);
            self.wake();
            return None;
        }
        Some(Emitted::new(self, fate))
    }

    /// Counts an event in whose cause is still under way, also once the books are closed.
    #[inline]
    pub(crate) fn admit_cascade(self: &Arc<Self>, fate: Unsettled) -> Emitted {
        self.emitted.fetch_add(1, SeqCst);
        Emitted::new(self, fate)
    }

    pub(crate) fn close(&self) {
        self.closed.store(true, SeqCst);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(SeqCst)
    }

    /// Counts an event that enters a buffer.
    #[inline]
    pub(crate) fn buffer(&self) {
        self.buffered.fetch_add(1, SeqCst);
    }

    /// Counts events that leave their buffer for a queue; false, and they stay, once the books are closed.
    pub(crate) fn admit_batch(&self, events: u64) -> bool {
        // Counted before `closed` is read, as in `admit`.
        self.unbuffered.fetch_add(events, SeqCst);
        if events > 0 && self.closed.load(SeqCst) {
            self.unbuffered.fetch_sub(events, SeqCst);
            self.wake();
            return false;
        }
        true
    }

    /// The guard of one event of a batch that was admitted.
    pub(crate) fn guard(self: &Arc<Self>, fate: Unsettled) -> Emitted {
        Emitted::new(self, fate)
    }

    /// Counts events that leave their buffer and go nowhere.
    pub(crate) fn discard(&self, events: u64, reason: Discarded) {
        let counter = match reason {
            Discarded::Terminated => &self.terminated,
            Discarded::Abandoned => &self.abandoned,
            Discarded::Full => &self.full,
            Discarded::ShutDown => &self.shutdown,
        };
        counter.fetch_add(events, SeqCst);
        self.unbuffered.fetch_add(events, SeqCst);
    }

    /// Counts an event that was emitted without an open buffer.
    pub(crate) fn not_started(&self) {
        self.emitted.fetch_add(1, SeqCst);
        self.not_started.fetch_add(1, SeqCst);
    }

    pub(crate) fn read(&self) -> Counters {
        // Read in the order in which an event passes them backwards, so that the sum never exceeds `emitted`.
        let mut counters = Counters {
            delivered: self.delivered.load(SeqCst),
            failed: self.failed.load(SeqCst),
            dropped_unheard: self.unheard.load(SeqCst),
            dropped_cancelled: self.cancelled.load(SeqCst),
            dropped_shed: self.shed.load(SeqCst),
            dropped_shutdown: self.shutdown.load(SeqCst),
            dropped_terminated: self.terminated.load(SeqCst),
            dropped_abandoned: self.abandoned.load(SeqCst),
            dropped_full: self.full.load(SeqCst),
            dropped_not_started: self.not_started.load(SeqCst),
            ..Counters::default()
        };
        let unbuffered = self.unbuffered.load(SeqCst);
        let buffered = self.buffered.load(SeqCst);
        counters.buffered = buffered.saturating_sub(unbuffered);
        counters.emitted = self.emitted.load(SeqCst) + buffered;
        let settled = counters.delivered + counters.failed + counters.dropped() + counters.buffered;
        counters.in_flight = counters.emitted.saturating_sub(settled);
        counters
    }

    /// Counts a task in the background until the guard is dropped.
    pub(crate) fn background(self: &Arc<Self>) -> Background {
        self.background.fetch_add(1, SeqCst);
        Background { ledger: Arc::clone(self) }
    }

    /// Counts a piece of detached work until the guard is dropped.
    pub(crate) fn detached(self: &Arc<Self>) -> Detached {
        self.detached.fetch_add(1, SeqCst);
        Detached { background: self.background(), end: DetachedEnd::Cancelled }
    }

    /// Pieces of detached work: begun, failed, cancelled.
    pub(crate) fn read_detached(&self) -> [u64; 3] {
        [&self.detached, &self.detached_failed, &self.detached_cancelled].map(|count| count.load(SeqCst))
    }

    #[inline]
    fn wake(&self) {
        if self.draining.load(SeqCst) {
            self.idle.notify_waiters();
        }
    }

    /// Waits until no event is in flight and nothing runs in the background.
    pub(crate) async fn idle(&self) {
        loop {
            let notified = self.idle.notified();
            tokio::pin!(notified);
            // Armed before the check, or the last event could settle in between.
            notified.as_mut().enable();
            self.draining.store(true, SeqCst);
            // Events first: one that settles after this leaves its background work to be seen below.
            let under_way = self.read().in_flight;
            if under_way == 0 && self.background.load(SeqCst) == 0 {
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
    event: &'static str,
    numbers: EventNumbers,
    span: Span,
    /// It is one part of an event's account.
    joint: Option<Arc<Joint>>,
}

/// The account of an event that goes to several: it is settled with the last of them, by the worst
/// that happened to any.
struct Joint {
    whole: Mutex<Option<Emitted>>,
    worst: AtomicU8,
}

impl Drop for Joint {
    fn drop(&mut self) {
        let worst = Fate::BY_SEVERITY[usize::from(self.worst.load(SeqCst)).min(Fate::BY_SEVERITY.len() - 1)];
        if let Some(mut whole) = self.whole.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            whole.count(worst);
        }
    }
}

impl Emitted {
    /// Splits the account of an event that goes to several at once. A part that is unheard does not
    /// matter beside others.
    pub(crate) fn split(self, parts: usize) -> Vec<Self> {
        if parts <= 1 {
            return vec![self];
        }
        let (ledger, unsettled, event, numbers, span) =
            (Arc::clone(&self.ledger), self.unsettled, self.event, self.numbers.clone(), self.span.clone());
        let joint = Arc::new(Joint { whole: Mutex::new(Some(self)), worst: AtomicU8::new(0) });
        let part = |_| Self {
            ledger: Arc::clone(&ledger),
            unsettled,
            settled: false,
            event,
            numbers: numbers.clone(),
            span: span.clone(),
            joint: Some(Arc::clone(&joint)),
        };
        (0..parts).map(part).collect()
    }

    #[inline]
    fn new(ledger: &Arc<Ledger>, unsettled: Unsettled) -> Self {
        Self {
            ledger: Arc::clone(ledger),
            unsettled,
            settled: false,
            event: "",
            numbers: EventNumbers::default(),
            span: Span::none(),
            joint: None,
        }
    }

    /// What telemetry says about the event.
    #[inline]
    pub(crate) fn about(mut self, event: &'static str, numbers: EventNumbers, span: Span) -> Self {
        self.event = event;
        self.numbers = numbers;
        self.span = span;
        self
    }

    /// The span of the emit, for those that continue it elsewhere.
    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    #[inline]
    pub(crate) fn delivered(mut self) {
        self.count(Fate::Delivered);
    }

    pub(crate) fn failed(mut self) {
        self.count(Fate::Failed);
    }

    pub(crate) fn unheard(mut self) {
        self.count(Fate::Unheard);
    }

    pub(crate) fn shed(mut self) {
        self.count(Fate::Shed);
    }

    #[inline]
    fn count(&mut self, fate: Fate) {
        self.settled = true;
        if let Some(joint) = self.joint.take() {
            let severity = Fate::BY_SEVERITY.iter().position(|other| *other == fate).unwrap_or(0);
            joint.worst.fetch_max(u8::try_from(severity).unwrap_or(u8::MAX), SeqCst);
            return;
        }
        telemetry::settled(self.event, &self.numbers, fate, &self.span);
        let counter = match fate {
            Fate::Delivered => &self.ledger.delivered,
            Fate::Failed => &self.ledger.failed,
            Fate::Unheard => &self.ledger.unheard,
            Fate::Cancelled => &self.ledger.cancelled,
            Fate::Shed => &self.ledger.shed,
            Fate::Shutdown => &self.ledger.shutdown,
        };
        counter.fetch_add(1, SeqCst);
        self.ledger.wake();
    }
}

impl Drop for Emitted {
    fn drop(&mut self) {
        if !self.settled {
            self.count(match self.unsettled {
                Unsettled::Cancelled => Fate::Cancelled,
                Unsettled::Shutdown => Fate::Shutdown,
            });
        }
    }
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Delivered,
    Failed,
    Unheard,
    Cancelled,
    Shed,
    Shutdown,
}

impl Fate {
    /// From what does not matter to what is worst.
    const BY_SEVERITY: [Self; 6] =
        [Self::Unheard, Self::Delivered, Self::Failed, Self::Shed, Self::Cancelled, Self::Shutdown];
}

/// Work that runs without anybody waiting for it.
pub(crate) struct Background {
    ledger: Arc<Ledger>,
}

impl Drop for Background {
    fn drop(&mut self) {
        self.ledger.background.fetch_sub(1, SeqCst);
        self.ledger.wake();
    }
}

/// One piece of detached work; dropped before it has ended, it counts as cancelled.
pub(crate) struct Detached {
    background: Background,
    end: DetachedEnd,
}

impl Detached {
    pub(crate) fn end(mut self, end: DetachedEnd) {
        self.end = end;
    }
}

impl Drop for Detached {
    fn drop(&mut self) {
        // Before the guard of the background goes, so that `idle` finds it counted.
        let ledger = &self.background.ledger;
        match self.end {
            DetachedEnd::Done => {}
            DetachedEnd::Failed => {
                ledger.detached_failed.fetch_add(1, SeqCst);
            }
            DetachedEnd::Cancelled => {
                ledger.detached_cancelled.fetch_add(1, SeqCst);
            }
        }
    }
}

/// How a piece of detached work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DetachedEnd {
    Done,
    Failed,
    Cancelled,
}

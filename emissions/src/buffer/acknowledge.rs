//! Waiting until the events of a commit have been acknowledged.

use std::{
    borrow::Cow,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use tokio::{sync::Notify, time::Instant};
use uuid::Uuid;

use super::{Acked, CommitError, Receipt};
use crate::{
    Emissions,
    counters::Emitted,
    dispatch::{self, Cause, Held, contain::drop_contained},
    envelope::Envelope,
    event::Event,
    failure,
};

/// Why a commit has no [`Receipt<Acked>`].
#[derive(Debug)]
#[non_exhaustive]
pub enum AcknowledgeError {
    /// Nothing was handed over.
    NotCommitted(CommitError),
    /// Everything was handed over, and not everybody acknowledged.
    NotAcknowledged {
        /// The receipt of the hand-over.
        receipt: Receipt<super::Enqueued>,
        /// Every failure, in the order of the events: one for the listeners of an event, and one for
        /// each of its adapters. What became of the event is in [`NotAcknowledged::whereabouts`].
        failures: Vec<NotAcknowledged>,
    },
}

impl AcknowledgeError {
    /// Every failure after the hand-over, in the order of the events.
    pub fn failures(&self) -> &[NotAcknowledged] {
        match self {
            Self::NotCommitted(_) => &[],
            Self::NotAcknowledged { failures, .. } => failures,
        }
    }
}

impl fmt::Display for AcknowledgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotCommitted(error) => error.fmt(f),
            Self::NotAcknowledged { receipt, failures } => {
                write!(f, "{} events were handed over, and not all were acknowledged", receipt.len())?;
                for (index, failure) in failures.iter().enumerate() {
                    write!(f, "{} {failure}", if index == 0 { ":" } else { ";" })?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for AcknowledgeError {}

/// One event that was handed over, and that its listeners or one of its adapters did not acknowledge.
#[derive(Debug)]
#[non_exhaustive]
pub struct NotAcknowledged {
    /// Name of the event without its version.
    pub event_type: &'static str,
    /// Its identity.
    pub event_id: Uuid,
    /// The adapter that did not acknowledge it; nothing if this is about its listeners.
    pub adapter: Option<Arc<str>>,
    /// Who did not acknowledge, and why. Nobody if nobody was there to: see `reason`.
    pub participants: Vec<String>,
    /// Why, in a sentence.
    pub reason: Cow<'static, str>,
    /// Where the event is now.
    pub whereabouts: Whereabouts,
}

/// Where an event is that was handed over and not acknowledged: never with the one who has committed,
/// so it must not be emitted again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Whereabouts {
    /// In the dead-letter store, from which it can be redriven.
    Parked,
    /// In the queue of its adapter, which has an outage: it is tried again when that is over.
    InFlight,
    /// Its listeners have run, and the failures were reported (`Builder::on_failure`).
    Settled,
    /// Nowhere: it was dropped, and counted with its reason.
    Dropped,
}

impl fmt::Display for NotAcknowledged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}) {}", self.event_type, self.event_id, self.reason)
    }
}

/// What is known of the events of one commit.
pub(crate) struct Settlement {
    open: AtomicUsize,
    failures: Mutex<Vec<(usize, NotAcknowledged)>>,
    all: Notify,
}

impl Settlement {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { open: AtomicUsize::new(0), failures: Mutex::default(), all: Notify::new() })
    }

    /// Waits for the listeners of an event, or for one of its adapters.
    pub(super) fn expect<E: Event>(
        self: &Arc<Self>,
        position: usize,
        event_id: Uuid,
        adapter: Option<Arc<str>>,
    ) -> Acknowledgement {
        self.open.fetch_add(1, SeqCst);
        let who = adapter.as_deref().unwrap_or("its listeners");
        let lost = NotAcknowledged {
            event_type: E::NAME,
            event_id,
            participants: adapter.iter().map(ToString::to_string).collect(),
            reason: format!("was dropped by the shutdown before {who} had settled").into(),
            adapter,
            whereabouts: Whereabouts::Dropped,
        };
        Acknowledgement { settlement: Arc::clone(self), position, failure: Some(lost) }
    }

    pub(super) async fn settled(&self, event_ids: Box<[Uuid]>) -> Result<Receipt<Acked>, AcknowledgeError> {
        while self.open.load(SeqCst) > 0 {
            let notified = self.all.notified();
            tokio::pin!(notified);
            // Armed before the check, or the last one could settle in between.
            notified.as_mut().enable();
            if self.open.load(SeqCst) > 0 {
                notified.await;
            }
        }
        let mut failures = std::mem::take(&mut *self.failures.lock().unwrap_or_else(PoisonError::into_inner));
        if failures.is_empty() {
            return Ok(Receipt::new(event_ids));
        }
        // Per event its listeners first, and then its adapters by name, whoever has settled first.
        failures.sort_by(|(a, one), (b, other)| (a, &one.adapter).cmp(&(b, &other.adapter)));
        let failures = failures.into_iter().map(|(_, failure)| failure).collect();
        Err(AcknowledgeError::NotAcknowledged { receipt: Receipt::new(event_ids), failures })
    }
}

/// One word that a settlement waits for; dropped before it is given, the event counts as dropped.
pub(crate) struct Acknowledgement {
    settlement: Arc<Settlement>,
    position: usize,
    failure: Option<NotAcknowledged>,
}

impl Acknowledgement {
    /// Runs the listeners of the event; those who hold its gate are waited for.
    pub(crate) async fn deliver<E: Event>(
        mut self,
        emissions: &Emissions,
        envelope: Envelope<E>,
        cause: Option<Cause>,
        emitted: Emitted,
    ) {
        self.failure = settle(emissions, envelope, cause, emitted).await.err();
    }

    /// The adapter has the event.
    pub(crate) fn acknowledged(mut self) {
        self.failure = None;
    }

    /// The adapter does not have the event, which is elsewhere.
    pub(crate) fn failed(mut self, why: &dyn fmt::Display, whereabouts: Whereabouts) {
        let Some(failure) = &mut self.failure else { return };
        let who = failure.adapter.as_deref().unwrap_or_default();
        let what = format!("{who} failed: {why}");
        let rest = match whereabouts {
            Whereabouts::Parked => "; it is in the dead-letter store",
            Whereabouts::InFlight => "; it stays in the queue until the outage is over",
            Whereabouts::Dropped => "; it is dropped",
            Whereabouts::Settled => "",
        };
        failure.reason = format!("was not acknowledged: {what}{rest}").into();
        failure.participants = vec![what];
        failure.whereabouts = whereabouts;
    }
}

async fn settle<E: Event>(
    emissions: &Emissions,
    envelope: Envelope<E>,
    cause: Option<Cause>,
    emitted: Emitted,
) -> Result<(), NotAcknowledged> {
    let event_id = envelope.event_id;
    let refused = |participants, reason, whereabouts| {
        Err(NotAcknowledged { event_type: E::NAME, event_id, adapter: None, participants, reason, whereabouts })
    };
    if dispatch::is_empty_batch(&envelope.payload) {
        emitted.delivered();
        drop_contained(envelope);
        return Ok(());
    }
    let required = dispatch::gate::required::<E>() as usize;
    let envelope = Arc::new(envelope);
    let held = Held::Shared(Arc::clone(&envelope));
    emissions.show_to_subscribers(&held);
    let Some(plan) = emissions.plan::<E>().filter(|plan| !plan.listeners.is_empty()) else {
        emitted.unheard();
        drop_contained((held, envelope));
        if required <= emissions.hops::<E>().len() {
            return Ok(());
        }
        return refused(Vec::new(), "has nobody who could acknowledge it".into(), Whereabouts::Dropped);
    };
    if !plan.observers.is_empty() {
        dispatch::observe(emissions, &envelope, cause.as_ref());
    }
    let (cause, now, span) = (cause.as_ref(), Instant::now(), emitted.span());
    let reports = dispatch::gate::settle(emissions, plan, &plan.gate, &held, cause, now, None, span, None).await;
    let mut failures = Vec::new();
    for participant in reports {
        if !participant.outcome.opens_the_gate() {
            failures.push(format!("{} {}", participant.id, participant.outcome));
            failure::report(emissions, &envelope, participant);
        }
    }
    drop_contained((held, envelope));
    if !failures.is_empty() {
        emitted.failed();
        let reason = format!("was not acknowledged: {}", failures.join(", ")).into();
        return refused(failures, reason, Whereabouts::Settled);
    }
    emitted.delivered();
    let holders = plan.gate.len() + emissions.hops::<E>().len();
    if holders < required {
        let reason = format!("was acknowledged by {holders} of the {required} it asks for").into();
        return refused(Vec::new(), reason, Whereabouts::Settled);
    }
    Ok(())
}

impl Drop for Acknowledgement {
    fn drop(&mut self) {
        if let Some(failure) = self.failure.take() {
            let mut failures = self.settlement.failures.lock().unwrap_or_else(PoisonError::into_inner);
            failures.push((self.position, failure));
        }
        if self.settlement.open.fetch_sub(1, SeqCst) == 1 {
            self.settlement.all.notify_waiters();
        }
    }
}

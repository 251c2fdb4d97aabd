//! Waiting until the events of a commit have been acknowledged.

use std::{
    borrow::Cow,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use tokio::{
    sync::{Notify, oneshot},
    time::Instant,
};
use uuid::Uuid;

use super::{Acked, CommitError, Receipt};
use crate::{
    Emissions,
    counters::Emitted,
    dispatch::{self, Cause, Held, contain::drop_contained},
    envelope::Envelope,
    event::Event,
    failure,
    gate::Outcome,
    pipeline::lane::Answer,
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
        /// Every failure, in the order of the events.
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

/// One event that was handed over and not acknowledged by everybody.
#[derive(Debug)]
#[non_exhaustive]
pub struct NotAcknowledged {
    /// Name of the event without its version.
    pub event_type: &'static str,
    /// Its identity.
    pub event_id: Uuid,
    /// Who did not acknowledge, and why. Nobody if nobody was there to: see `reason`.
    pub participants: Vec<String>,
    /// Why, in a sentence.
    pub reason: Cow<'static, str>,
}

impl fmt::Display for NotAcknowledged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}) {}", self.event_type, self.event_id, self.reason)
    }
}

/// What is known of the events of one commit.
pub(crate) struct Settlement {
    open: AtomicUsize,
    failures: Mutex<Vec<(usize, Failure)>>,
    all: Notify,
}

enum Failure {
    Known(NotAcknowledged),
    /// Dropped with its queue.
    Lost,
}

impl Settlement {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { open: AtomicUsize::new(0), failures: Mutex::default(), all: Notify::new() })
    }

    pub(super) fn expect(self: &Arc<Self>, position: usize) -> Acknowledgement {
        self.open.fetch_add(1, SeqCst);
        Acknowledgement { settlement: Arc::clone(self), position, outcome: Err(Failure::Lost) }
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
        failures.sort_by_key(|(position, _)| *position);
        let name = |(position, failure): (usize, Failure)| match failure {
            Failure::Known(failure) => failure,
            Failure::Lost => NotAcknowledged {
                event_type: "an event",
                event_id: event_ids.get(position).copied().unwrap_or_default(),
                participants: Vec::new(),
                reason: "was dropped by the shutdown before its listeners had settled".into(),
            },
        };
        let failures = failures.into_iter().map(name).collect();
        Err(AcknowledgeError::NotAcknowledged { receipt: Receipt::new(event_ids), failures })
    }
}

/// One event's part in a settlement; dropped before the event has settled, it counts as lost.
pub(crate) struct Acknowledgement {
    settlement: Arc<Settlement>,
    position: usize,
    outcome: Result<(), Failure>,
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
        self.outcome = settle(emissions, envelope, cause, emitted).await.map_err(Failure::Known);
    }
}

impl Acknowledgement {
    /// Waits for an adapter's word.
    pub(super) async fn hear(
        mut self,
        event_type: &'static str,
        event_id: Uuid,
        adapter: String,
        answer: oneshot::Receiver<Answer>,
    ) {
        let why = match answer.await {
            Ok(Answer { result: Ok(()), .. }) => {
                self.outcome = Ok(());
                return;
            }
            Ok(Answer { result: Err(error), .. }) => format!("{adapter} {}", Outcome::Failed(error)),
            Err(_) => format!("{adapter} has stopped before it answered"),
        };
        let reason = format!("was not acknowledged: {why}").into();
        self.outcome = Err(Failure::Known(NotAcknowledged { event_type, event_id, participants: vec![why], reason }));
    }
}

async fn settle<E: Event>(
    emissions: &Emissions,
    envelope: Envelope<E>,
    cause: Option<Cause>,
    emitted: Emitted,
) -> Result<(), NotAcknowledged> {
    let event_id = envelope.event_id;
    let refused = |participants, reason| NotAcknowledged { event_type: E::NAME, event_id, participants, reason };
    if dispatch::is_empty_batch(&envelope.payload) {
        emitted.delivered();
        return Ok(());
    }
    let required = dispatch::gate::required::<E>() as usize;
    let envelope = Arc::new(envelope);
    let held = Held::Shared(Arc::clone(&envelope));
    emissions.show_to_subscribers(&held);
    let Some(plan) = emissions.plan::<E>().filter(|plan| !plan.listeners.is_empty()) else {
        emitted.unheard();
        let nobody = || refused(Vec::new(), "has nobody who could acknowledge it".into());
        return if required <= emissions.hops::<E>().len() { Ok(()) } else { Err(nobody()) };
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
        return Err(refused(failures, reason));
    }
    emitted.delivered();
    let holders = plan.gate.len() + emissions.hops::<E>().len();
    if holders < required {
        let reason = format!("was acknowledged by {holders} of the {required} it asks for").into();
        return Err(refused(Vec::new(), reason));
    }
    Ok(())
}

impl Drop for Acknowledgement {
    fn drop(&mut self) {
        if let Err(failure) = std::mem::replace(&mut self.outcome, Ok(())) {
            let mut failures = self.settlement.failures.lock().unwrap_or_else(PoisonError::into_inner);
            failures.push((self.position, failure));
        }
        if self.settlement.open.fetch_sub(1, SeqCst) == 1 {
            self.settlement.all.notify_waiters();
        }
    }
}

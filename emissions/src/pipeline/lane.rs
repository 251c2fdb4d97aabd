//! One adapter's queue, seen from those who hand over.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use tokio::sync::oneshot;

use super::{
    capabilities::Capabilities,
    ledger::{Handed, LaneFate, LaneLedger},
    options::{AdapterOptions, Overflow},
    queue::Queue,
    room::{Need, Reserved, Room},
};
use crate::{
    buffer::{Acknowledgement, Whereabouts},
    counters::Emitted,
    envelope::RawEnvelope,
    listener::BoxError,
};

/// One adapter with its queue.
pub(crate) struct Lane {
    pub(crate) name: Arc<str>,
    pub(crate) options: AdapterOptions,
    pub(crate) capabilities: Capabilities,
    pub(crate) queue: Queue<Carried>,
    pub(crate) ledger: Arc<LaneLedger>,
    /// The circuit breaker's state.
    pub(crate) open: Arc<AtomicBool>,
}

/// An event on its way to one adapter.
pub(crate) struct Carried {
    pub(crate) event: RawEnvelope,
    /// Attempts that failed, and why.
    pub(crate) attempts: u32,
    pub(crate) errors: Vec<String>,
    handed: Handed,
    /// The event's own account, if nobody waits for it.
    emitted: Option<Emitted>,
    waiter: Option<Waiter>,
}

/// Who waits for the adapter's word on an event.
pub(crate) enum Waiter {
    /// Has the event still: an `emit_async` or a redrive. What fails is theirs.
    Owner(oneshot::Sender<Answer>),
    /// Has handed the event over, and is told: a commit. What fails is parked as ever.
    Witness(Acknowledgement),
}

/// The adapter's word on one event.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) result: Result<(), BoxError>,
    pub(crate) attempts: u32,
}

impl Lane {
    pub(crate) fn room(&self) -> &Room {
        self.queue.room()
    }

    /// Whether those who hand over wait for room.
    pub(crate) fn blocks(&self) -> bool {
        self.options.overflow == Overflow::Block
    }

    /// Whether nothing is tried but probes.
    pub(crate) fn is_open(&self) -> bool {
        self.open.load(SeqCst)
    }

    pub(crate) fn need(event: &RawEnvelope) -> Need {
        Need::event(event.payload.len())
    }

    /// Largest payload that may enter.
    pub(crate) fn max_bytes(&self) -> usize {
        self.capabilities.max_bytes.unwrap_or(usize::MAX).min(self.options.capacity.bytes)
    }

    /// Counts an event in.
    pub(crate) fn carry(&self, event: RawEnvelope, emitted: Option<Emitted>, waiter: Option<Waiter>) -> Carried {
        let handed = self.ledger.hand_over(event.payload.len());
        Carried { event, attempts: 0, errors: Vec::new(), handed, emitted, waiter }
    }

    pub(crate) fn push(&self, place: Reserved, mut carried: Carried) {
        // Nobody is to wait for the end of an outage.
        if self.is_open()
            && let Some(witness) = carried.take_witness()
        {
            witness.failed(&OUTAGE, Whereabouts::InFlight);
        }
        self.queue.push(place, carried);
    }

    /// Makes room as the overflow policy says, or drops the event; either is counted.
    pub(crate) fn push_or_shed(&self, carried: Carried) {
        let need = Self::need(&carried.event);
        let (place, shed) = match self.options.overflow {
            Overflow::ShedOldest => self.queue.reserve_by_shedding(need),
            Overflow::Block | Overflow::ShedNewest => (self.room().try_reserve(need), Vec::new()),
        };
        let shed = match place {
            Ok(place) => {
                self.push(place, carried);
                shed
            }
            Err(_) => shed.into_iter().chain([carried]).collect(),
        };
        for carried in shed {
            tracing::warn!(adapter = %self.name, event = %carried.event.event_type,
                event_id = %carried.event.event_id, "event shed: the adapter's queue is full");
            carried.shed();
        }
    }
}

impl Carried {
    pub(crate) fn key(&self) -> Option<&Arc<str>> {
        self.event.partition_key.as_ref()
    }

    /// Whether it is somebody else's still, who waits for it.
    pub(crate) fn is_owned(&self) -> bool {
        matches!(self.waiter, Some(Waiter::Owner(_)))
    }

    /// Whether somebody waited for it who has it still, and does not wait any more.
    pub(crate) fn is_abandoned(&self) -> bool {
        matches!(&self.waiter, Some(Waiter::Owner(answer)) if answer.is_closed())
    }

    /// Takes out who is only told.
    pub(crate) fn take_witness(&mut self) -> Option<Acknowledgement> {
        match self.waiter.take() {
            Some(Waiter::Witness(witness)) => Some(witness),
            owner => {
                self.waiter = owner;
                None
            }
        }
    }

    pub(crate) fn acked(self) {
        self.handed.settle(LaneFate::Acked);
        if let Some(emitted) = self.emitted {
            emitted.delivered();
        }
        match self.waiter {
            Some(Waiter::Owner(answer)) => {
                // Who has gone does not want to know.
                let _ = answer.send(Answer { result: Ok(()), attempts: self.attempts.saturating_add(1) });
            }
            Some(Waiter::Witness(witness)) => witness.acknowledged(),
            None => {}
        }
    }

    /// Gives it back to the one who has it still.
    pub(crate) fn give_back(self, error: BoxError) {
        self.handed.settle(LaneFate::Returned);
        if let Some(emitted) = self.emitted {
            emitted.failed();
        }
        match self.waiter {
            Some(Waiter::Owner(answer)) => {
                let _ = answer.send(Answer { result: Err(error), attempts: self.attempts });
            }
            Some(Waiter::Witness(witness)) => witness.failed(&error, Whereabouts::Dropped),
            None => {}
        }
    }

    /// Given up, and kept.
    pub(crate) fn parked(mut self) {
        if let Some(witness) = self.take_witness() {
            witness.failed(&self.last_error(), Whereabouts::Parked);
        }
        self.handed.settle(LaneFate::Parked);
        if let Some(emitted) = self.emitted {
            emitted.failed();
        }
    }

    /// Given up, and the store did not take it.
    pub(crate) fn unparked(mut self) {
        if let Some(witness) = self.take_witness() {
            witness.failed(&self.last_error(), Whereabouts::Dropped);
        }
        self.handed.settle(LaneFate::Unparked);
    }

    fn last_error(&self) -> &str {
        self.errors.last().map_or("the emissions were shut down", String::as_str)
    }

    pub(crate) fn cancelled(self) {
        self.handed.settle(LaneFate::Cancelled);
    }

    fn shed(self) {
        self.handed.settle(LaneFate::Shed);
        if let Some(emitted) = self.emitted {
            emitted.shed();
        }
        match self.waiter {
            Some(Waiter::Owner(answer)) => {
                let _ = answer.send(Answer { result: Err(Box::new(Shed)), attempts: 0 });
            }
            Some(Waiter::Witness(witness)) => witness.failed(&Shed, Whereabouts::Dropped),
            None => {}
        }
    }
}

/// Why somebody does not wait any longer.
pub(crate) const OUTAGE: &str = "the adapter's circuit is open";

/// The queue of an adapter had no room for the event.
#[derive(Debug)]
struct Shed;

impl fmt::Display for Shed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the event was shed: the adapter's queue is full")
    }
}

impl std::error::Error for Shed {}

//! From a buffer to the queues: room for all of it first, then all of it.

use std::{panic::Location, sync::Arc};

use uuid::Uuid;

use super::{
    Acked, AcknowledgeError, CommitError, Enqueued, Receipt,
    acknowledge::Settlement,
    entry::Entry,
    limits::Load,
    shared::{Shared, load_of},
};
use crate::{
    Emissions,
    counters::Discarded,
    dispatch::contain::drop_contained,
    local,
    pipeline::{
        reserve_all,
        room::{Claim, RefusalReason, Reserved},
    },
    telemetry,
};

/// Room for a batch: a place per event and queue it goes to, in the order of the events.
pub(super) type Places = Vec<Reserved>;

/// The room that these events need, wherever they go.
pub(super) fn claims<'a>(emissions: &'a Emissions, entries: &[Box<dyn Entry>]) -> Vec<Claim<'a>> {
    let mut claims = Vec::with_capacity(entries.len());
    for entry in entries {
        entry.claim(emissions, &mut claims);
    }
    claims
}

/// Waits for room. An empty batch waits for nobody.
async fn room_for(emissions: &Emissions, claims: &[Claim<'_>], events: usize) -> Result<Places, CommitError> {
    if claims.is_empty() {
        return Ok(Vec::new());
    }
    reserve_all(emissions.runtime(), claims).await.map_err(|refused| match refused.reason {
        RefusalReason::TooLarge => CommitError::TooLarge { events },
        RefusalReason::Closed | RefusalReason::Full => CommitError::ShutDown { events },
    })
}

impl Emissions {
    pub(super) fn is_shut_down(&self) -> bool {
        self.inner().ledger.is_closed()
    }
}

/// The events of a buffer on their way out of it.
///
/// Dropped before it is handed over, it counts them for its reason; so does a commit that is
/// cancelled while it waits, or that panics.
pub(super) struct Batch {
    emissions: Emissions,
    started_at: &'static Location<'static>,
    entries: Vec<Box<dyn Entry>>,
    reason: Option<Discarded>,
}

impl Batch {
    pub(super) fn new(
        emissions: Emissions,
        started_at: &'static Location<'static>,
        entries: Vec<Box<dyn Entry>>,
        reason: Discarded,
    ) -> Self {
        Self { emissions, started_at, entries, reason: Some(reason) }
    }

    pub(super) fn load(&self) -> Load {
        load_of(&self.emissions, &self.entries)
    }

    /// The entries, which stay in a buffer.
    pub(super) fn into_entries(mut self) -> Vec<Box<dyn Entry>> {
        self.reason = None;
        std::mem::take(&mut self.entries)
    }

    /// Waits for room, then hands everything over.
    pub(super) async fn commit(mut self) -> Result<Receipt<Enqueued>, CommitError> {
        let room = self.wait_for_room().await?;
        self.push(room, None).map(Receipt::new)
    }

    /// As `commit`, as long as it does not take longer than this.
    #[cfg(feature = "tower")]
    pub(super) async fn commit_within(mut self, wait: std::time::Duration) -> Result<(), CommitError> {
        let runtime = self.emissions.runtime().clone();
        let limited = {
            // A timer of the runtime that was there at the start, whoever polls it.
            let _entered = runtime.enter();
            tokio::time::timeout(wait, self.wait_for_room())
        };
        match limited.await {
            Ok(room) => self.push(room?, None).map(drop),
            Err(_) => {
                let events = self.entries.len();
                self.reason = Some(Discarded::Full);
                Err(CommitError::Full { events })
            }
        }
    }

    /// As `commit`, then waits until everybody who holds a gate has settled.
    pub(super) async fn commit_acked(mut self) -> Result<Receipt<Acked>, AcknowledgeError> {
        let room = self.wait_for_room().await.map_err(AcknowledgeError::NotCommitted)?;
        let settlement = Settlement::new();
        let event_ids = self.push(room, Some(&settlement)).map_err(AcknowledgeError::NotCommitted)?;
        settlement.settled(event_ids).await
    }

    async fn wait_for_room(&mut self) -> Result<Places, CommitError> {
        let events = self.entries.len();
        let claims = claims(&self.emissions, &self.entries);
        let places = room_for(&self.emissions, &claims, events).await;
        if let Err(error) = &places {
            let too_large = matches!(error, CommitError::TooLarge { .. });
            self.reason = Some(if too_large { Discarded::Full } else { Discarded::ShutDown });
        }
        places
    }

    /// As `push`; what a shutdown refuses goes back to the front of the buffer.
    fn push_or_return(mut self, shared: &Shared, places: Places) -> Result<Box<[Uuid]>, CommitError> {
        let events = self.entries.len();
        if events > 0 && self.emissions.is_shut_down() {
            self.reason = None;
            shared.put_back(std::mem::take(&mut self.entries));
            return Err(CommitError::ShutDown { events });
        }
        self.push(places, None)
    }

    /// Pushes everything, unless the emissions were shut down in the meantime.
    pub(super) fn push(
        mut self,
        places: Places,
        settlement: Option<&Arc<Settlement>>,
    ) -> Result<Box<[Uuid]>, CommitError> {
        let ledger = Arc::clone(&self.emissions.inner().ledger);
        let events = self.entries.len();
        if !ledger.admit_batch(events as u64) {
            self.reason = Some(Discarded::ShutDown);
            return Err(CommitError::ShutDown { events });
        }
        self.reason = None;
        let event_ids = self.entries.iter().map(|entry| entry.event_id()).collect();
        let mut places = places.into_iter();
        for (position, entry) in std::mem::take(&mut self.entries).into_iter().enumerate() {
            let emitted = ledger.guard(local::UNSETTLED);
            entry.hand_over(&self.emissions, &mut places, emitted, settlement.map(|all| (all, position)));
        }
        Ok(event_ids)
    }
}

impl Drop for Batch {
    // Runs while a panic unwinds and after the runtime has gone: it touches neither, and what the
    // events' own destructors do is contained.
    fn drop(&mut self) {
        let Some(reason) = self.reason else { return };
        let entries = std::mem::take(&mut self.entries);
        let events = entries.len() as u64;
        telemetry::discarded(entries.iter().map(|entry| entry.name()), reason);
        // One by one: a second panic while the first one unwinds would end the process.
        entries.into_iter().for_each(drop_contained);
        let inner = self.emissions.inner();
        inner.ledger.discard(events, reason);
        let started_at = self.started_at;
        match reason {
            Discarded::Terminated => tracing::debug!(events, %started_at, "buffer terminated"),
            Discarded::Full => {
                tracing::warn!(events, %started_at, "buffer dropped: a queue had no room for it in time");
            }
            Discarded::ShutDown => {
                tracing::warn!(events, %started_at, "buffer dropped: the emissions are shut down");
            }
            Discarded::Abandoned => {
                inner.abandoned.add(started_at, events);
                if events == 0 {
                    tracing::debug!(%started_at, "empty buffer dropped without commit");
                } else {
                    tracing::warn!(events, %started_at, "buffer dropped without commit: its events are lost");
                }
            }
        }
    }
}

/// Hands over what the buffer holds and leaves it open.
pub(super) async fn flush(shared: &Shared) -> Result<Receipt<Enqueued>, CommitError> {
    let _turn = shared.flushing.lock().await;
    if !shared.is_open() {
        return Err(CommitError::NotStarted);
    }
    let events = shared.len();
    if events > 0 && shared.emissions.is_shut_down() {
        return Err(CommitError::ShutDown { events });
    }
    let places = room_for(&shared.emissions, &shared.claims(events), events).await?;
    let batch = shared.take(events).ok_or(CommitError::NotStarted)?;
    batch.push_or_return(shared, places).map(Receipt::new)
}

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
    dispatch::contain::contain,
    local,
    pipeline::{
        reserve_all,
        room::{Claim, Need, Reserved, try_reserve_all},
    },
};

/// Room for a batch in every queue it goes to.
pub(super) struct Room {
    local: Reserved,
}

impl Room {
    /// Takes the room of one event out.
    fn next(&mut self) -> Reserved {
        self.local.split(local::NEED)
    }
}

impl Emissions {
    /// Room for so many events, wherever they go.
    fn claims(&self, events: usize) -> [Claim<'_>; 1] {
        let need = Need { events: local::NEED.events * events, bytes: local::NEED.bytes * events };
        [Claim { room: self.inner().queue.room(), need }]
    }

    /// Waits until there is room for so many events.
    async fn room_for(&self, events: usize) -> Option<Room> {
        if events == 0 {
            return Some(self.no_room());
        }
        let local = reserve_all(&self.claims(events)).await.ok()?.pop()?;
        Some(Room { local })
    }

    pub(super) fn try_room_for(&self, events: usize) -> Option<Room> {
        if events == 0 {
            return Some(self.no_room());
        }
        let local = try_reserve_all(&self.claims(events)).ok()?.pop()?;
        Some(Room { local })
    }

    /// What an empty batch needs: it waits for nobody, and goes through a queue that is closed.
    fn no_room(&self) -> Room {
        Room { local: self.inner().queue.room().overdraw(Need::default()) }
    }

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
        load_of(&self.entries)
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
        match tokio::time::timeout(wait, self.wait_for_room()).await {
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
        let settlement = Settlement::of(self.entries.len());
        let event_ids = self.push(room, Some(&settlement)).map_err(AcknowledgeError::NotCommitted)?;
        settlement.settled(event_ids).await
    }

    async fn wait_for_room(&mut self) -> Result<Room, CommitError> {
        let events = self.entries.len();
        let room = self.emissions.room_for(events).await;
        room.ok_or_else(|| {
            self.reason = Some(Discarded::ShutDown);
            CommitError::ShutDown { events }
        })
    }

    /// Pushes everything, unless the emissions were shut down in the meantime.
    pub(super) fn push(
        mut self,
        mut room: Room,
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
        for (position, entry) in std::mem::take(&mut self.entries).into_iter().enumerate() {
            let emitted = ledger.guard(local::UNSETTLED);
            let awaited = settlement.map(|settlement| settlement.expect(position));
            entry.hand_over(&self.emissions, room.next(), emitted, awaited);
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
        let _ = contain(|| drop(entries));
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
    let room = shared.emissions.room_for(events).await;
    let Some(room) = room.filter(|_| events == 0 || !shared.emissions.is_shut_down()) else {
        return Err(CommitError::ShutDown { events });
    };
    let batch = shared.take(events).ok_or(CommitError::NotStarted)?;
    batch.push(room, None).map(Receipt::new)
}

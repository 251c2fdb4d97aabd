//! Buffers: the events of one unit of work, all of them or none.
//!
//! An event enters a buffer in the caller, under a lock, so the order is that of the program and
//! limits are known at once. A commit takes everything out, waits for room for all of it, and only
//! then pushes.

mod abandoned;
mod acknowledge;
mod ambient;
mod emission;
mod entry;
mod error;
mod hand_over;
mod limits;
mod receipt;
#[cfg(feature = "tower")]
mod request;
mod shared;
mod size;

use std::{fmt, panic::Location, sync::Arc};

use uuid::Uuid;

#[cfg(feature = "tower")]
pub(crate) use self::request::RequestScope;
pub use self::{
    abandoned::Abandoned,
    acknowledge::{AcknowledgeError, NotAcknowledged, Whereabouts},
    ambient::{attach, commit, commit_acked, emission, emit, flush, start, terminate},
    emission::BufferedEmission,
    error::{CommitError, ScopeError, TryCommitError},
    limits::BufferLimit,
    receipt::{Acked, Enqueued, Level, Receipt},
};
pub(crate) use self::{
    abandoned::Abandonments,
    acknowledge::Acknowledgement,
    ambient::{attached_to, hidden, is_ambient},
    limits::BufferLimits,
    shared::Shared,
};
use crate::{Emissions, counters::Discarded, emission::EmitError, event::Event, pipeline::room::try_reserve_all};

impl Emissions {
    /// Starts a buffer: its events are handed over by a commit, all of them or none.
    ///
    /// This is the handle for code that can pass it on. For code that can't there is
    /// [`scope`](Self::scope). The page about both is [`guide::buffers`](crate::guide::buffers).
    #[track_caller]
    pub fn start(&self) -> Buffer {
        Buffer { shared: Shared::start(self.clone(), Location::caller()) }
    }
}

/// The events of one unit of work; from [`Emissions::start`].
///
/// ```standalone_crate
/// # use emissions::{event, on_event, Emissions};
/// # /// An order was placed.
/// # #[event(name = "order.placed")]
/// # struct OrderPlaced {
/// #     /// Order that was placed.
/// #     order_id: u64,
/// # }
/// # /// Stock was set aside.
/// # #[event(name = "stock.reserved")]
/// # struct StockReserved {
/// #     /// Order it is for.
/// #     reserved_order_id: u64,
/// # }
/// # #[on_event] async fn confirm(_event: &OrderPlaced) {}
/// # #[on_event] async fn pick(_event: &StockReserved) {}
/// # async fn insert_order() -> std::io::Result<()> { Ok(()) }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emissions = Emissions::builder().source("/orders").start().await?;
/// let buffer = emissions.start();
/// buffer.emit(StockReserved { reserved_order_id: 7 })?;
/// insert_order().await?; // Fails: the buffer is dropped, and nobody hears of a reservation.
/// buffer.emit(OrderPlaced { order_id: 7 })?;
/// buffer.commit().await?; // Both, in this order.
/// # Ok(()) }
/// ```
///
/// A commit consumes the buffer, so nothing can be emitted after it:
///
/// ```compile_fail,E0382
/// # async fn after<E: emissions::Event>(buffer: emissions::Buffer, event: E) {
/// buffer.commit().await.unwrap();
/// buffer.emit(event).unwrap();
/// # }
/// ```
///
/// # Dropping
///
/// A buffer dropped with neither [`commit`](Self::commit) nor [`terminate`](Self::terminate) drops
/// its events: by a panic, by the cancellation or abortion of its task, by the end of the runtime,
/// or because it was forgotten. They are counted in
/// [`Counters::dropped_abandoned`](crate::Counters), a warning is logged with the place of `start`,
/// and [`Emissions::abandoned`] lists it.
///
/// # Before or after the database
///
/// Commit the buffer after the transaction of the database is visible: a listener may look for what
/// the event tells of as soon as `commit` has returned, or before.
#[must_use = "a buffer that is dropped drops its events: commit or terminate it"]
pub struct Buffer {
    shared: Arc<Shared>,
}

impl Buffer {
    /// Appends an event; returns its identity. Never waits.
    ///
    /// # Errors
    ///
    /// [`EmitError`], with the event; the buffer is as it was.
    ///
    /// - [`BufferFull`](crate::EmitErrorKind::BufferFull): the buffer has reached a [`BufferLimit`] of
    ///   its own (`Builder::buffer_events`, `Builder::buffer_bytes`), or would hold more than the queue of
    ///   an adapter on the event's route ever takes. What it holds can be flushed or committed.
    /// - [`TooLarge`](crate::EmitErrorKind::TooLarge): an adapter on its route takes no event of this size.
    /// - [`Unserialisable`](crate::EmitErrorKind::Unserialisable): its size counts or it has a route, and
    ///   it can't be written as JSON.
    /// - [`ShutDown`](crate::EmitErrorKind::ShutDown): the emissions are shut down.
    #[inline]
    #[track_caller]
    pub fn emit<E: Event>(&self, event: E) -> Result<Uuid, EmitError<E>> {
        self.shared.emit(event, None)
    }

    /// An event with metadata, to be appended: subject, partition key, attributes.
    pub fn emission<E: Event>(&self, event: E) -> BufferedEmission<'_, E> {
        BufferedEmission::into_buffer(&self.shared, event)
    }

    /// Hands over what was emitted so far and keeps the buffer open; a later `terminate` does not
    /// take it back.
    ///
    /// # Errors
    ///
    /// [`CommitError::ShutDown`]; the events stay in the buffer.
    ///
    /// # Cancellation
    ///
    /// Dropping the future while it waits for room leaves the buffer as it was.
    pub async fn flush(&self) -> Result<Receipt<Enqueued>, CommitError> {
        hand_over::flush(&self.shared).await
    }

    /// Hands over every event, in the order in which they were emitted.
    ///
    /// Room for all of them is reserved in every queue they go to before anything is pushed. While
    /// a queue has no room the commit waits, and nothing is in any queue.
    ///
    /// # Errors
    ///
    /// [`CommitError::ShutDown`]; the events are dropped, and counted as such.
    ///
    /// # Cancellation
    ///
    /// Dropping the future while it waits drops the events, as dropping the buffer does. A commit
    /// that must not wait is [`try_commit`](Self::try_commit).
    pub async fn commit(self) -> Result<Receipt<Enqueued>, CommitError> {
        self.shared.close(Discarded::Abandoned).ok_or(CommitError::NotStarted)?.commit().await
    }

    /// As [`commit`](Self::commit), without waiting for room.
    ///
    /// # Errors
    ///
    /// [`TryCommitError::Full`] with the buffer as it was, if a queue has no room for all of it.
    pub fn try_commit(self) -> Result<Receipt<Enqueued>, TryCommitError> {
        let emissions = &self.shared.emissions;
        if !self.is_empty() && emissions.is_shut_down() {
            let events = self.len();
            drop(self.shared.close(Discarded::ShutDown));
            return Err(TryCommitError::Refused(CommitError::ShutDown { events }));
        }
        match self.shared.close_if(|entries| try_reserve_all(&hand_over::claims(emissions, entries)).ok()) {
            Some((room, batch)) => batch.push(room, None).map(Receipt::new).map_err(TryCommitError::Refused),
            None => Err(TryCommitError::Full(self)),
        }
    }

    /// As [`commit`](Self::commit), and waits until every gate listener and every routed adapter
    /// has acknowledged every event.
    ///
    /// The hand-over is all or nothing; the acknowledgements are not: each event succeeds or fails by
    /// itself, with each of its adapters. Once handed over, events are the library's, and waiting for
    /// them changes nothing for them: an adapter that fails tries again as its options say, what
    /// exhausts its attempts is parked in the dead-letter store, and a listener that fails is reported
    /// to `Builder::on_failure`.
    ///
    /// # Errors
    ///
    /// [`AcknowledgeError::NotCommitted`] if nothing was handed over,
    /// [`AcknowledgeError::NotAcknowledged`] otherwise, with a failure per event and adapter, and per
    /// event whose listeners failed; where each event is now says
    /// [`NotAcknowledged::whereabouts`]. Don't emit them again: [`Emissions::dead_letters`] redrives
    /// what is parked, once and under the same `event_id`. An adapter whose circuit is open is not
    /// waited for. An event with fewer holders than its gate asks for was not acknowledged.
    ///
    /// # Cancellation
    ///
    /// Before the hand-over as for `commit`; after it the events run on, and nobody hears of them.
    pub async fn commit_acked(self) -> Result<Receipt<Acked>, AcknowledgeError> {
        let batch = self.shared.close(Discarded::Abandoned);
        batch.ok_or(AcknowledgeError::NotCommitted(CommitError::NotStarted))?.commit_acked().await
    }

    /// Drops every event that was not flushed; counted in
    /// [`Counters::dropped_terminated`](crate::Counters).
    pub fn terminate(self) {
        self.shared.discard(Discarded::Terminated);
    }

    /// Runs a future with this buffer as its ambient one, so that [`emit`](crate::emit()) inside it
    /// appends here: for a child task.
    ///
    /// The child may emit, and make savepoints with [`Emissions::scope`]; commit and terminate are
    /// with the handle. What it emits after those is refused with
    /// [`EmitErrorKind::NotStarted`](crate::EmitErrorKind::NotStarted), so join the child first.
    pub fn attach<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        attached_to(&self.shared, future)
    }

    /// Number of events emitted and not flushed.
    pub fn len(&self) -> usize {
        self.shared.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.shared.discard(Discarded::Abandoned);
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffer")
            .field("events", &self.len())
            .field("started_at", &format_args!("{}", self.shared.started_at))
            .finish_non_exhaustive()
    }
}

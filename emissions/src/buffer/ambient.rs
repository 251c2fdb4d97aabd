//! The buffer of the running task: scopes, savepoints and attached tasks.

use std::{
    panic::Location,
    sync::{Arc, Mutex, PoisonError},
};

use uuid::Uuid;

use super::{
    Acked, AcknowledgeError, BufferedEmission, CommitError, Enqueued, Receipt, ScopeError, hand_over, hand_over::Batch,
    shared::Shared,
};
use crate::{
    Emissions, StartError,
    counters::Discarded,
    emission::{EmitError, EmitErrorKind, Metadata},
    event::Event,
    telemetry,
};

tokio::task_local! {
    /// Set by a scope and by `attach`; empty while listeners run inside of one.
    pub(super) static AMBIENT: Option<Arc<Scope>>;
}

/// One scope, or the view an attached task has of its parent's.
pub(crate) struct Scope {
    emissions: Emissions,
    place: Mutex<Place>,
    outer: Option<Arc<Scope>>,
    /// The buffer of the scope this is a savepoint of.
    savepoint_of: Option<Arc<Shared>>,
    /// Whether this task may only emit: the buffer belongs to somebody else.
    guest: bool,
}

struct Place {
    buffer: Option<Arc<Shared>>,
    /// Whether somebody has said `start`, or emitted without.
    started: bool,
}

impl Scope {
    /// A scope of its own, or a savepoint of the one around it.
    pub(crate) fn enter(emissions: Emissions, started_at: &'static Location<'static>) -> Arc<Self> {
        let outer = current();
        let mut around = outer.as_ref();
        let mut savepoint_of = None;
        while let Some(scope) = around {
            if scope.emissions.is(&emissions) {
                savepoint_of = scope.buffer();
                break;
            }
            around = scope.outer.as_ref();
        }
        let place = Mutex::new(Place { buffer: None, started: false });
        let scope = Self { emissions, place, outer, savepoint_of, guest: false };
        scope.place().buffer = Some(scope.new_buffer(started_at));
        Arc::new(scope)
    }

    /// The scope of a buffer that was started elsewhere.
    #[cfg(feature = "tower")]
    pub(super) fn around(buffer: Arc<Shared>) -> Arc<Self> {
        let emissions = buffer.emissions.clone();
        let place = Mutex::new(Place { buffer: Some(buffer), started: false });
        Arc::new(Self { emissions, place, outer: current(), savepoint_of: None, guest: false })
    }

    fn guest_of(buffer: Arc<Shared>, outer: Option<Arc<Scope>>) -> Arc<Self> {
        let emissions = buffer.emissions.clone();
        let place = Mutex::new(Place { buffer: Some(buffer), started: true });
        Arc::new(Self { emissions, place, outer, savepoint_of: None, guest: true })
    }

    fn new_buffer(&self, started_at: &'static Location<'static>) -> Arc<Shared> {
        match &self.savepoint_of {
            Some(outer) => Shared::savepoint(Arc::clone(outer), started_at),
            None => Shared::start(self.emissions.clone(), started_at),
        }
    }

    fn buffer(&self) -> Option<Arc<Shared>> {
        self.place().buffer.clone().filter(|buffer| buffer.is_open())
    }

    /// The buffer, which its owner is about to close.
    pub(super) fn leave(&self) -> Option<Arc<Shared>> {
        self.place().buffer.take()
    }

    fn start(&self, started_at: &'static Location<'static>) -> Result<(), StartError> {
        let mut place = self.place();
        let open = place.buffer.as_ref().is_some_and(|buffer| buffer.is_open());
        if open && (place.started || self.guest) {
            return Err(StartError::AlreadyStarted);
        }
        if !open && self.guest {
            // Nobody would ever close it.
            return Err(StartError::NoScope);
        }
        if !open {
            place.buffer = Some(self.new_buffer(started_at));
        }
        place.started = true;
        Ok(())
    }

    #[track_caller]
    fn append<E: Event>(&self, event: E, metadata: Option<Box<Metadata>>) -> Result<Uuid, EmitError<E>> {
        let mut place = self.place();
        place.started = true;
        match place.buffer.clone() {
            Some(buffer) => {
                drop(place);
                buffer.emit(event, metadata)
            }
            None => {
                drop(place);
                self.emissions.inner().ledger.not_started();
                Err(not_started(event))
            }
        }
    }

    /// The buffer for one who may hand it over.
    fn own(&self) -> Result<Arc<Shared>, CommitError> {
        let buffer = self.buffer().ok_or(CommitError::NotStarted)?;
        if self.guest {
            Err(CommitError::Attached)
        } else if buffer.is_savepoint() {
            Err(CommitError::Savepoint)
        } else {
            Ok(buffer)
        }
    }

    fn close(&self) -> Result<Batch, CommitError> {
        let buffer = self.own()?;
        self.leave();
        buffer.close(Discarded::Abandoned).ok_or(CommitError::NotStarted)
    }

    fn terminate(&self) {
        if self.guest {
            tracing::warn!("terminate ignored: this task is attached to a buffer that somebody else has started");
        } else if let Some(buffer) = self.leave() {
            buffer.discard(Discarded::Terminated);
        }
    }

    fn place(&self) -> std::sync::MutexGuard<'_, Place> {
        // Nothing of ours panics while the lock is held; a poisoned one is as good as new.
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes the scope, whatever happens to its future; with nothing said, its events are dropped.
pub(crate) struct OpenScope(pub(crate) Arc<Scope>);

impl OpenScope {
    /// The future has succeeded: hands over, or joins the buffer around.
    pub(crate) async fn commit(self) -> Result<(), CommitError> {
        let Some(buffer) = self.0.leave() else { return Ok(()) };
        if buffer.is_savepoint() {
            return if buffer.join_outer() { Ok(()) } else { Err(CommitError::NotStarted) };
        }
        match buffer.close(Discarded::Abandoned) {
            Some(batch) => batch.commit().await.map(drop),
            None => Ok(()),
        }
    }

    /// The future has failed.
    pub(crate) fn terminate(self) {
        self.0.terminate();
    }
}

impl Drop for OpenScope {
    fn drop(&mut self) {
        if let Some(buffer) = self.0.leave() {
            buffer.discard(Discarded::Abandoned);
        }
    }
}

impl Emissions {
    /// Runs a future with a buffer of its own that nobody has to pass on: [`emit`](crate::emit())
    /// and the other free functions work on it.
    ///
    /// `Ok` commits. `Err` terminates; a panic and a cancellation drop the events as well, and count
    /// and warn as a [`Buffer`](crate::Buffer) dropped without commit does.
    ///
    /// Inside another scope of the same `Emissions` it is a savepoint: its events join the outer
    /// buffer on `Ok`, behind what is there, and vanish on `Err`; the outer one hands over. Scopes
    /// of different `Emissions` don't touch.
    ///
    /// A task spawned inside has no part in the buffer, unless it is spawned through
    /// [`attach`](crate::attach). A listener called inside has none either: it emits through its `Ctx`.
    ///
    /// # Errors
    ///
    /// [`ScopeError::Failed`] with the future's own error, [`ScopeError::NotCommitted`] if its events
    /// could not be handed over.
    ///
    /// ```standalone_crate
    /// # use emissions::{event, on_event, Emissions};
    /// # /// An order was placed.
    /// # #[event(name = "order.placed")]
    /// # struct OrderPlaced {
    /// #     /// Order that was placed.
    /// #     order_id: u64,
    /// # }
    /// # #[on_event] async fn confirm(_event: &OrderPlaced) {}
    /// async fn place_order() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    ///     emissions::emit(OrderPlaced { order_id: 7 })?;
    ///     Ok(())
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emissions = Emissions::builder().source("/orders").start().await?;
    /// emissions.scope(place_order()).await?;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn scope<F, T, E>(&self, future: F) -> impl Future<Output = Result<T, ScopeError<E>>> + use<F, T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        let (emissions, started_at) = (self.clone(), Location::caller());
        async move {
            let scope = OpenScope(Scope::enter(emissions, started_at));
            match AMBIENT.scope(Some(Arc::clone(&scope.0)), future).await {
                Ok(value) => scope.commit().await.map(|()| value).map_err(ScopeError::NotCommitted),
                Err(error) => {
                    scope.terminate();
                    Err(ScopeError::Failed(error))
                }
            }
        }
    }
}

fn current() -> Option<Arc<Scope>> {
    AMBIENT.try_with(Clone::clone).ok().flatten()
}

fn owned() -> Result<Arc<Scope>, CommitError> {
    current().ok_or(CommitError::NotStarted)
}

#[track_caller]
fn not_started<E: Event>(event: E) -> EmitError<E> {
    let emitted_at = Location::caller();
    tracing::warn!(event = E::NAME, %emitted_at, "event dropped: no buffer is open here");
    telemetry::refused(E::NAME, EmitErrorKind::NotStarted.as_str());
    EmitError::new(EmitErrorKind::NotStarted, event)
}

#[track_caller]
pub(super) fn append<E: Event>(event: E, metadata: Option<Box<Metadata>>) -> Result<Uuid, EmitError<E>> {
    match current() {
        Some(scope) => scope.append(event, metadata),
        None => Err(not_started(event)),
    }
}

/// Starts the ambient buffer of the scope around.
///
/// A scope begins with a buffer, so this is rarely needed: after [`commit`](crate::commit()) or
/// [`terminate`](crate::terminate()) it begins the next one, and as the first thing in a scope it
/// says what is so anyway.
///
/// # Errors
///
/// [`StartError::AlreadyStarted`] if a buffer is open that was started or emitted to, or that the
/// task was attached to. [`StartError::NoScope`] outside of [`Emissions::scope`], and in a task
/// whose parent has closed the buffer.
#[track_caller]
pub fn start() -> Result<(), StartError> {
    let started_at = Location::caller();
    current().ok_or(StartError::NoScope)?.start(started_at)
}

/// Appends an event to the ambient buffer; returns its identity. Never waits.
///
/// # Errors
///
/// [`EmitError`], with the event. [`EmitErrorKind::NotStarted`] if no buffer is open: outside of a
/// scope, in a task that was not attached, in a listener, and after commit or terminate; the event
/// is then dropped, which is logged with the place of the call, and counted in
/// [`Counters::dropped_not_started`](crate::Counters) where there is a scope. Otherwise as
/// [`Buffer::emit`](crate::Buffer::emit).
#[track_caller]
pub fn emit<E: Event>(event: E) -> Result<Uuid, EmitError<E>> {
    append(event, None)
}

/// An event with metadata, to be appended to the ambient buffer.
pub fn emission<E: Event>(event: E) -> BufferedEmission<'static, E> {
    BufferedEmission::into_ambient(event)
}

/// As [`Buffer::flush`](crate::Buffer::flush), for the ambient buffer.
///
/// # Errors
///
/// As there; also [`CommitError::NotStarted`] without a buffer, [`CommitError::Savepoint`] in a nested
/// scope, and [`CommitError::Attached`] in a task attached to somebody else's buffer.
pub async fn flush() -> Result<Receipt<Enqueued>, CommitError> {
    let buffer = owned()?.own()?;
    hand_over::flush(&buffer).await
}

/// As [`Buffer::commit`](crate::Buffer::commit), for the ambient buffer; none is open afterwards,
/// until [`start`](crate::start()).
///
/// # Errors
///
/// As there; also as [`flush`](crate::flush()).
pub async fn commit() -> Result<Receipt<Enqueued>, CommitError> {
    let batch = owned()?.close()?;
    batch.commit().await
}

/// As [`Buffer::commit_acked`](crate::Buffer::commit_acked), for the ambient buffer.
///
/// # Errors
///
/// As there; also as [`flush`](crate::flush()).
pub async fn commit_acked() -> Result<Receipt<Acked>, AcknowledgeError> {
    let batch = owned().and_then(|scope| scope.close()).map_err(AcknowledgeError::NotCommitted)?;
    batch.commit_acked().await
}

/// Drops every event of the ambient buffer that was not flushed, or of the savepoint; none is open
/// afterwards, until [`start`](crate::start()). Without a buffer it does nothing.
///
/// In a task attached to somebody else's buffer it does nothing but warn.
pub fn terminate() {
    if let Some(scope) = current() {
        scope.terminate();
    }
}

/// Gives a future the ambient buffer of the caller: for a child task.
///
/// The buffer is the one that is open when `attach` is called, not when the future first runs. See
/// [`Buffer::attach`](crate::Buffer::attach) for what the child may do. Where no buffer is open the
/// future has none either.
///
/// ```standalone_crate
/// # use emissions::{event, on_event, Emissions};
/// # /// An order was placed.
/// # #[event(name = "order.placed")]
/// # struct OrderPlaced {
/// #     /// Order that was placed.
/// #     order_id: u64,
/// # }
/// # #[on_event] async fn confirm(_event: &OrderPlaced) {}
/// # type Error = Box<dyn std::error::Error + Send + Sync>;
/// async fn place_order() -> Result<(), Error> {
///     let child = tokio::spawn(emissions::attach(async { emissions::emit(OrderPlaced { order_id: 7 }).map(drop) }));
///     child.await??; // Joined, so that it has emitted before the scope commits.
///     Ok(())
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// # let emissions = Emissions::builder().source("/orders").start().await?;
/// emissions.scope(place_order()).await?;
/// assert_eq!(emissions.counters().emitted, 1);
/// # Ok(()) }
/// ```
pub fn attach<F: Future>(future: F) -> impl Future<Output = F::Output> + use<F> {
    let scope = current();
    let guest = scope.and_then(|scope| Some(Scope::guest_of(scope.buffer()?, scope.outer.clone())));
    AMBIENT.scope(guest, future)
}

pub(crate) fn attached_to<F: Future>(buffer: &Arc<Shared>, future: F) -> impl Future<Output = F::Output> + use<F> {
    AMBIENT.scope(Some(Scope::guest_of(Arc::clone(buffer), None)), future)
}

/// Whether the caller runs in a scope.
#[inline]
pub(crate) fn is_ambient() -> bool {
    AMBIENT.try_with(Option::is_some).unwrap_or(false)
}

/// Runs `f` as if there were no scope around it.
pub(crate) fn hidden<T>(f: impl FnOnce() -> T) -> T {
    AMBIENT.sync_scope(None, f)
}

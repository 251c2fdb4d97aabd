//! What is behind a buffer's handle, its scope and the tasks attached to it.

use std::{
    panic::Location,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use uuid::Uuid;

use super::{
    entry::{Entry, Kept, KeptRouted},
    hand_over::{self, Batch},
    limits::Load,
    size,
};
use crate::{
    Emissions,
    counters::Discarded,
    dispatch,
    emission::{EmitError, EmitErrorKind, Metadata},
    event::Event,
    event_id::event_id,
    pipeline::{room::Claim, route::Hop},
    telemetry,
};

/// One buffer, or one savepoint of it.
///
/// Who started it closes it; tasks attached to it only emit. Once closed it stays closed, so nothing
/// can arrive after a commit.
pub(crate) struct Shared {
    pub(super) emissions: Emissions,
    pub(super) started_at: &'static Location<'static>,
    /// The buffer or savepoint this is a savepoint of.
    outer: Option<Arc<Shared>>,
    state: Mutex<State>,
    /// Held by a flush while it waits for room, so that two of them keep the order.
    pub(super) flushing: tokio::sync::Mutex<()>,
}

struct State {
    open: bool,
    entries: Vec<Box<dyn Entry>>,
    /// What the buffer holds with all its savepoints; kept by the outermost only.
    load: Load,
}

impl Shared {
    pub(super) fn start(emissions: Emissions, started_at: &'static Location<'static>) -> Arc<Self> {
        Self::new(emissions, started_at, None)
    }

    pub(super) fn savepoint(outer: Arc<Self>, started_at: &'static Location<'static>) -> Arc<Self> {
        Self::new(outer.emissions.clone(), started_at, Some(outer))
    }

    fn new(emissions: Emissions, started_at: &'static Location<'static>, outer: Option<Arc<Self>>) -> Arc<Self> {
        let state = Mutex::new(State { open: true, entries: Vec::new(), load: Load::default() });
        Arc::new(Self { emissions, started_at, outer, state, flushing: tokio::sync::Mutex::default() })
    }

    /// Appends an event.
    #[inline]
    #[track_caller]
    pub(crate) fn emit<E: Event>(&self, event: E, mut metadata: Option<Box<Metadata>>) -> Result<Uuid, EmitError<E>> {
        // Inside a listener, whoever emits is caused by its event.
        if let Some(cause) = dispatch::ambient::cause() {
            metadata.get_or_insert_default().cause = Some(cause);
        }
        let refuse = |kind: EmitErrorKind, event| {
            telemetry::refused(E::NAME, kind.as_str());
            Err(EmitError::new(kind, event))
        };
        let inner = self.emissions.inner();
        if inner.ledger.is_closed() {
            return refuse(EmitErrorKind::ShutDown, event);
        }
        if let Some(metadata) = &metadata {
            if let Some(error) = &metadata.invalid {
                return refuse(EmitErrorKind::InvalidAttribute(error.clone()), event);
            }
            if let Some(chain) = self.emissions.too_deep(metadata.cause.as_ref(), E::NAME) {
                return refuse(EmitErrorKind::CascadeTooDeep(chain), event);
            }
        }
        if !self.emissions.hops::<E>().is_empty() {
            return self.emit_routed(event, metadata);
        }
        let bytes = match inner.buffer_limits.bytes.map(|_| size::json_len(&event)) {
            None => 0,
            Some(Ok(bytes)) => bytes,
            Some(Err(why)) => return refuse(EmitErrorKind::Unserialisable(why), event),
        };
        let at = SystemTime::now();
        let event_id = event_id(at);
        match self.keep(E::NAME, bytes, &[], event, |event| Box::new(Kept { event, event_id, at, bytes, metadata })) {
            Ok(()) => Ok(event_id),
            Err((kind, event)) => refuse(kind, event),
        }
    }

    /// An event that goes to adapters becomes bytes here and now: what they can't take is refused
    /// where it is emitted.
    #[track_caller]
    fn emit_routed<E: Event>(&self, event: E, metadata: Option<Box<Metadata>>) -> Result<Uuid, EmitError<E>> {
        let metadata = metadata.map_or_else(Metadata::default, |metadata| *metadata);
        let cause = metadata.cause.clone();
        let at = SystemTime::now();
        let (envelope, invalid) = metadata.envelope(self.emissions.source(), event_id(at), at, event);
        let kind = match (invalid, self.emissions.routed(&envelope)) {
            (Some(error), _) => EmitErrorKind::InvalidAttribute(error),
            (None, Err(fault)) => fault.into(),
            (None, Ok(routed)) => {
                let event_id = envelope.event_id;
                let bytes = routed.as_ref().map_or(0, |routed| routed.event.payload.len());
                let keep = |envelope| Box::new(KeptRouted { envelope, bytes, cause, routed }) as Box<dyn Entry>;
                return match self.keep(E::NAME, bytes, self.emissions.hops::<E>(), envelope, keep) {
                    Ok(()) => Ok(event_id),
                    Err((kind, envelope)) => {
                        telemetry::refused(E::NAME, kind.as_str());
                        Err(EmitError::new(kind, envelope.payload))
                    }
                };
            }
        };
        telemetry::refused(E::NAME, kind.as_str());
        Err(EmitError::new(kind, envelope.payload))
    }

    /// Appends what was made of an event, if the buffer is open and has room; gives it back otherwise.
    #[inline]
    #[track_caller]
    fn keep<T>(
        &self,
        name: &'static str,
        bytes: usize,
        hops: &[Hop],
        event: T,
        entry: impl FnOnce(T) -> Box<dyn Entry>,
    ) -> Result<(), (EmitErrorKind, T)> {
        let inner = self.emissions.inner();
        // Locked from the inside out, as everywhere.
        let mut state = self.lock();
        let counted = if state.open { self.count(&mut state, bytes, hops) } else { Err(EmitErrorKind::NotStarted) };
        if let Err(kind) = counted {
            drop(state);
            if matches!(kind, EmitErrorKind::NotStarted) {
                inner.ledger.not_started();
                let emitted_at = Location::caller();
                tracing::warn!(event = name, %emitted_at, "event dropped: the buffer is not open any more");
            }
            return Err((kind, event));
        }
        state.entries.push(entry(event));
        inner.ledger.buffer();
        Ok(())
    }

    /// Counts an event towards the limits of the outermost buffer.
    #[inline]
    fn count(&self, state: &mut State, bytes: usize, hops: &[Hop]) -> Result<(), EmitErrorKind> {
        match &self.outer {
            None => state.load.admit(bytes, hops, &self.emissions).map_err(EmitErrorKind::BufferFull),
            Some(outer) => {
                let mut state = outer.lock();
                if state.open { outer.count(&mut state, bytes, hops) } else { Err(EmitErrorKind::NotStarted) }
            }
        }
    }

    fn uncount(&self, load: &Load) {
        match &self.outer {
            None => self.lock().load.remove(load),
            Some(outer) => outer.uncount(load),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.lock().open
    }

    pub(super) fn is_savepoint(&self) -> bool {
        self.outer.is_some()
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().entries.len()
    }

    /// Takes everything and refuses what comes later; nothing if that has happened before.
    ///
    /// What is taken is dropped for `reason` unless it is handed over or joined.
    pub(super) fn close(&self, reason: Discarded) -> Option<Batch> {
        let entries = {
            let mut state = self.lock();
            if !std::mem::replace(&mut state.open, false) {
                return None;
            }
            state.load = Load::default();
            std::mem::take(&mut state.entries)
        };
        Some(Batch::new(self.emissions.clone(), self.started_at, entries, reason))
    }

    /// As `close`, if `reserve` finds room for everything at once.
    pub(super) fn close_if<R>(&self, reserve: impl FnOnce(&[Box<dyn Entry>]) -> Option<R>) -> Option<(R, Batch)> {
        let mut state = self.lock();
        let room = reserve(&state.entries)?;
        state.open = false;
        state.load = Load::default();
        let entries = std::mem::take(&mut state.entries);
        drop(state);
        Some((room, Batch::new(self.emissions.clone(), self.started_at, entries, Discarded::Abandoned)))
    }

    /// The room that the first `events` need.
    pub(super) fn claims(&self, events: usize) -> Vec<Claim<'_>> {
        let state = self.lock();
        hand_over::claims(&self.emissions, state.entries.get(..events).unwrap_or_default())
    }

    /// Puts back what was taken, in front of what has come since.
    pub(super) fn put_back(&self, mut entries: Vec<Box<dyn Entry>>) {
        let load = load_of(&self.emissions, &entries);
        let mut state = self.lock();
        entries.append(&mut state.entries);
        state.entries = entries;
        state.load.join(&load);
    }

    /// Takes the first `events` and stays open; nothing if they are gone.
    pub(super) fn take(&self, events: usize) -> Option<Batch> {
        let mut state = self.lock();
        if !state.open || state.entries.len() < events {
            return None;
        }
        let rest = state.entries.split_off(events);
        let entries = std::mem::replace(&mut state.entries, rest);
        state.load.remove(&load_of(&self.emissions, &entries));
        drop(state);
        Some(Batch::new(self.emissions.clone(), self.started_at, entries, Discarded::Abandoned))
    }

    /// Ends a savepoint: its events join the outer buffer, behind what is there.
    pub(super) fn join_outer(&self) -> bool {
        let Some(outer) = &self.outer else { return false };
        let Some(batch) = self.close(Discarded::Abandoned) else { return true };
        let mut state = outer.lock();
        if !state.open {
            drop(state);
            outer.uncount(&batch.load());
            return false;
        }
        state.entries.extend(batch.into_entries());
        true
    }

    /// Ends a savepoint or a buffer without its events.
    pub(super) fn discard(&self, reason: Discarded) {
        if let Some(batch) = self.close(reason)
            && let Some(outer) = &self.outer
        {
            outer.uncount(&batch.load());
        }
    }

    /// Nothing of ours panics while the lock is held; a poisoned one is as good as new.
    #[inline]
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn load_of(emissions: &Emissions, entries: &[Box<dyn Entry>]) -> Load {
    let mut load = Load::default();
    entries.iter().for_each(|entry| entry.count(emissions, &mut load));
    load
}
